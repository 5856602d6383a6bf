#!/usr/bin/env bash
# While writers move money between accounts, and accounts between tables, an archive holds one
# moment: no account is lost or there twice, and every balance is what its transfers say.
# shellcheck source=tests/cli/proof.inc
source "$(dirname "${BASH_SOURCE[0]}")/proof.inc"
proof 3

accounts=${PROOF_ACCOUNTS:-4000}
round() {
  new_database
  local source=$DATABASE copy=${DATABASE}_copy writers=() before after held i
  at_exit drop_database "$copy"
  psql -d "$source" -v accounts="$accounts" <<'SQL'
create table north (id int primary key, amount bigint not null, filler text not null);
create table south (like north including all);
create table transfers (id bigserial primary key, giver int not null, taker int not null, amount bigint not null);
create table working (yes boolean not null);
insert into working values (true);
insert into north select i, 1000, repeat(md5(i::text), 6) from generate_series(1, :accounts, 2) i;
insert into south select i, 1000, repeat(md5(i::text), 6) from generate_series(2, :accounts, 2) i;
create procedure move(accounts int) language plpgsql as $$
declare
  give int := 1 + floor(random() * accounts);
  take int := 1 + floor(random() * accounts);
  sum int := 1 + floor(random() * 100);
begin
  perform pg_advisory_xact_lock(least(give, take)), pg_advisory_xact_lock(greatest(give, take));
  update north set amount = amount - sum where id = give;
  update south set amount = amount - sum where id = give;
  update north set amount = amount + sum where id = take;
  update south set amount = amount + sum where id = take;
  insert into transfers (giver, taker, amount) values (give, take, sum);
  if sum % 4 = 0 then
    with gone as (delete from north where id = give returning *) insert into south select * from gone;
  elsif sum % 4 = 1 then
    with gone as (delete from south where id = give returning *) insert into north select * from gone;
  end if;
end $$;
create procedure work(seed double precision, accounts int) language plpgsql as $$
begin
  perform setseed(seed);
  while (select yes from working) loop
    call move(accounts);
    commit;
  end loop;
end $$;
SQL
  for i in 1 2 3 4; do
    random 1000000
    psql -d "$source" -c "call work(0.$R, $accounts)" &
    writers+=($!)
    at_exit kill $!
  done
  wait_for 30 test_moves "$source" 100
  before=$(query "$source" 'select count(*) from transfers')
  expect_exit 0 "$BELAY" backup -d "$source" -j 4 -f "$TMP/a.belay" --verify none
  after=$(query "$source" 'select count(*) from transfers')
  psql -d "$source" -c 'update working set yes = false'
  for i in "${writers[@]}"; do ended "$i" 0; done
  [ "$before" -lt "$after" ] || fail 'nobody wrote during the backup: this proves nothing'

  expect_exit 0 "$BELAY" restore "$TMP/a.belay" -d "$copy" --create -j 4
  held=$(query "$copy" 'select count(*) from transfers')
  [ "$before" -le "$held" ] && [ "$held" -le "$after" ] || fail "$held transfers, not $before to $after"
  [ "$(query "$copy" 'select count(*) || $$ $$ || sum(amount) from (table north union all table south) a')" = \
    "$accounts $((accounts * 1000))" ] || fail 'the sum is not what it was'
  [ "$(query "$copy" 'select count(*) from (
      select id from (table north union all table south) a
      left join (select giver as id, -sum(amount) as moved from transfers group by 1) g using (id)
      left join (select taker as id, sum(amount) as moved from transfers group by 1) t using (id)
      group by id
      having count(*) <> 1 or sum(a.amount) <> 1000 + coalesce(sum(g.moved), 0) + coalesce(sum(t.moved), 0)) bad')" = 0 ] ||
    fail 'an account does not agree with its transfers'
  echo "round $LOOPS: $((after - before)) transfers during the backup, $held in it"
  drop_database "$copy"
  drop_database "$source"
}
test_moves() { [ "$(query "$1" 'select count(*) from transfers')" -ge "$2" ]; }

for ((LOOPS = 0; LOOPS < COUNT; LOOPS++)); do round; done
