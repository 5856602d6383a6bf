-- Columns of system catalogs that no server from 13 to 18 has: what they say would be left out in
-- silence. Catalogs that are unknown altogether are counted by their rows instead.
SELECT c.relname AS catalog, a.attname AS name
FROM (VALUES
    ('pg_aggregate', '{
        aggcombinefn, aggdeserialfn, aggfinalextra, aggfinalfn, aggfinalmodify, aggfnoid,
        agginitval, aggkind, aggmfinalextra, aggmfinalfn, aggmfinalmodify, aggminitval,
        aggminvtransfn, aggmtransfn, aggmtransspace, aggmtranstype, aggnumdirectargs, aggserialfn,
        aggsortop, aggtransfn, aggtransspace, aggtranstype}'::name[]),
    ('pg_am', '{
        amhandler, amname, amtype, oid}'::name[]),
    ('pg_amop', '{
        amopfamily, amoplefttype, amopmethod, amopopr, amoppurpose, amoprighttype, amopsortfamily,
        amopstrategy, oid}'::name[]),
    ('pg_amproc', '{
        amproc, amprocfamily, amproclefttype, amprocnum, amprocrighttype, oid}'::name[]),
    ('pg_attrdef', '{
        adbin, adnum, adrelid, oid}'::name[]),
    ('pg_attribute', '{
        attacl, attalign, attbyval, attcacheoff, attcollation, attcompression, attfdwoptions,
        attgenerated, atthasdef, atthasmissing, attidentity, attinhcount, attisdropped, attislocal,
        attlen, attmissingval, attname, attndims, attnotnull, attnum, attoptions, attrelid,
        attstattarget, attstorage, atttypid, atttypmod}'::name[]),
    ('pg_auth_members', '{
        admin_option, grantor, inherit_option, member, oid, roleid, set_option}'::name[]),
    ('pg_authid', '{
        oid, rolbypassrls, rolcanlogin, rolconnlimit, rolcreatedb, rolcreaterole, rolinherit,
        rolname, rolpassword, rolreplication, rolsuper, rolvaliduntil}'::name[]),
    ('pg_cast', '{
        castcontext, castfunc, castmethod, castsource, casttarget, oid}'::name[]),
    ('pg_class', '{
        oid, relacl, relallfrozen, relallvisible, relam, relchecks, relfilenode,
        relforcerowsecurity, relfrozenxid, relhasindex, relhasrules, relhassubclass, relhastriggers,
        relispartition, relispopulated, relisshared, relkind, relminmxid, relname, relnamespace,
        relnatts, reloftype, reloptions, relowner, relpages, relpartbound, relpersistence,
        relreplident, relrewrite, relrowsecurity, reltablespace, reltoastrelid, reltuples, reltype}'::name[]),
    ('pg_collation', '{
        collcollate, collctype, collencoding, colliculocale, collicurules, collisdeterministic,
        colllocale, collname, collnamespace, collowner, collprovider, collversion, oid}'::name[]),
    ('pg_constraint', '{
        conbin, condeferrable, condeferred, conenforced, conexclop, confdelsetcols, confdeltype,
        conffeqop, confkey, confmatchtype, confrelid, confupdtype, conindid, coninhcount,
        conislocal, conkey, conname, connamespace, connoinherit, conparentid, conperiod, conpfeqop,
        conppeqop, conrelid, contype, contypid, convalidated, oid}'::name[]),
    ('pg_conversion', '{
        condefault, conforencoding, conname, connamespace, conowner, conproc, contoencoding, oid}'::name[]),
    ('pg_database', '{
        datacl, datallowconn, datcollate, datcollversion, datconnlimit, datctype, datdba,
        datfrozenxid, dathasloginevt, daticulocale, daticurules, datistemplate, datlastsysoid,
        datlocale, datlocprovider, datminmxid, datname, dattablespace, encoding, oid}'::name[]),
    ('pg_db_role_setting', '{
        setconfig, setdatabase, setrole}'::name[]),
    ('pg_default_acl', '{
        defaclacl, defaclnamespace, defaclobjtype, defaclrole, oid}'::name[]),
    ('pg_depend', '{
        classid, deptype, objid, objsubid, refclassid, refobjid, refobjsubid}'::name[]),
    ('pg_description', '{
        classoid, description, objoid, objsubid}'::name[]),
    ('pg_enum', '{
        enumlabel, enumsortorder, enumtypid, oid}'::name[]),
    ('pg_event_trigger', '{
        evtenabled, evtevent, evtfoid, evtname, evtowner, evttags, oid}'::name[]),
    ('pg_extension', '{
        extcondition, extconfig, extname, extnamespace, extowner, extrelocatable, extversion, oid}'::name[]),
    ('pg_foreign_data_wrapper', '{
        fdwacl, fdwhandler, fdwname, fdwoptions, fdwowner, fdwvalidator, oid}'::name[]),
    ('pg_foreign_server', '{
        oid, srvacl, srvfdw, srvname, srvoptions, srvowner, srvtype, srvversion}'::name[]),
    ('pg_foreign_table', '{
        ftoptions, ftrelid, ftserver}'::name[]),
    ('pg_index', '{
        indcheckxmin, indclass, indcollation, indexprs, indexrelid, indimmediate, indisclustered,
        indisexclusion, indislive, indisprimary, indisready, indisreplident, indisunique,
        indisvalid, indkey, indnatts, indnkeyatts, indnullsnotdistinct, indoption, indpred, indrelid}'::name[]),
    ('pg_inherits', '{
        inhdetachpending, inhparent, inhrelid, inhseqno}'::name[]),
    ('pg_init_privs', '{
        classoid, initprivs, objoid, objsubid, privtype}'::name[]),
    ('pg_language', '{
        lanacl, laninline, lanispl, lanname, lanowner, lanplcallfoid, lanpltrusted, lanvalidator,
        oid}'::name[]),
    ('pg_largeobject', '{
        data, loid, pageno}'::name[]),
    ('pg_largeobject_metadata', '{
        lomacl, lomowner, oid}'::name[]),
    ('pg_namespace', '{
        nspacl, nspname, nspowner, oid}'::name[]),
    ('pg_opclass', '{
        oid, opcdefault, opcfamily, opcintype, opckeytype, opcmethod, opcname, opcnamespace,
        opcowner}'::name[]),
    ('pg_operator', '{
        oid, oprcanhash, oprcanmerge, oprcode, oprcom, oprjoin, oprkind, oprleft, oprname,
        oprnamespace, oprnegate, oprowner, oprrest, oprresult, oprright}'::name[]),
    ('pg_opfamily', '{
        oid, opfmethod, opfname, opfnamespace, opfowner}'::name[]),
    ('pg_parameter_acl', '{
        oid, paracl, parname}'::name[]),
    ('pg_partitioned_table', '{
        partattrs, partclass, partcollation, partdefid, partexprs, partnatts, partrelid, partstrat}'::name[]),
    ('pg_policy', '{
        oid, polcmd, polname, polpermissive, polqual, polrelid, polroles, polwithcheck}'::name[]),
    ('pg_proc', '{
        oid, proacl, proallargtypes, proargdefaults, proargmodes, proargnames, proargtypes, probin,
        proconfig, procost, proisstrict, prokind, prolang, proleakproof, proname, pronamespace,
        pronargdefaults, pronargs, proowner, proparallel, proretset, prorettype, prorows, prosecdef,
        prosqlbody, prosrc, prosupport, protrftypes, provariadic, provolatile}'::name[]),
    ('pg_publication', '{
        oid, puballtables, pubdelete, pubgencols, pubinsert, pubname, pubowner, pubtruncate,
        pubupdate, pubviaroot}'::name[]),
    ('pg_publication_namespace', '{
        oid, pnnspid, pnpubid}'::name[]),
    ('pg_publication_rel', '{
        oid, prattrs, prpubid, prqual, prrelid}'::name[]),
    ('pg_range', '{
        rngcanonical, rngcollation, rngmultitypid, rngsubdiff, rngsubopc, rngsubtype, rngtypid}'::name[]),
    ('pg_replication_origin', '{
        roident, roname}'::name[]),
    ('pg_rewrite', '{
        ev_action, ev_class, ev_enabled, ev_qual, ev_type, is_instead, oid, rulename}'::name[]),
    ('pg_seclabel', '{
        classoid, label, objoid, objsubid, provider}'::name[]),
    ('pg_sequence', '{
        seqcache, seqcycle, seqincrement, seqmax, seqmin, seqrelid, seqstart, seqtypid}'::name[]),
    ('pg_shdepend', '{
        classid, dbid, deptype, objid, objsubid, refclassid, refobjid}'::name[]),
    ('pg_shdescription', '{
        classoid, description, objoid}'::name[]),
    ('pg_shseclabel', '{
        classoid, label, objoid, provider}'::name[]),
    ('pg_statistic', '{
        staattnum, stacoll1, stacoll2, stacoll3, stacoll4, stacoll5, stadistinct, stainherit,
        stakind1, stakind2, stakind3, stakind4, stakind5, stanullfrac, stanumbers1, stanumbers2,
        stanumbers3, stanumbers4, stanumbers5, staop1, staop2, staop3, staop4, staop5, starelid,
        stavalues1, stavalues2, stavalues3, stavalues4, stavalues5, stawidth}'::name[]),
    ('pg_statistic_ext', '{
        oid, stxexprs, stxkeys, stxkind, stxname, stxnamespace, stxowner, stxrelid, stxstattarget}'::name[]),
    ('pg_statistic_ext_data', '{
        stxddependencies, stxdexpr, stxdinherit, stxdmcv, stxdndistinct, stxoid}'::name[]),
    ('pg_subscription', '{
        oid, subbinary, subconninfo, subdbid, subdisableonerr, subenabled, subfailover, subname,
        suborigin, subowner, subpasswordrequired, subpublications, subrunasowner, subskiplsn,
        subslotname, substream, subsynccommit, subtwophasestate}'::name[]),
    ('pg_subscription_rel', '{
        srrelid, srsubid, srsublsn, srsubstate}'::name[]),
    ('pg_tablespace', '{
        oid, spcacl, spcname, spcoptions, spcowner}'::name[]),
    ('pg_transform', '{
        oid, trffromsql, trflang, trftosql, trftype}'::name[]),
    ('pg_trigger', '{
        oid, tgargs, tgattr, tgconstraint, tgconstrindid, tgconstrrelid, tgdeferrable, tgenabled,
        tgfoid, tginitdeferred, tgisinternal, tgname, tgnargs, tgnewtable, tgoldtable, tgparentid,
        tgqual, tgrelid, tgtype}'::name[]),
    ('pg_ts_config', '{
        cfgname, cfgnamespace, cfgowner, cfgparser, oid}'::name[]),
    ('pg_ts_config_map', '{
        mapcfg, mapdict, mapseqno, maptokentype}'::name[]),
    ('pg_ts_dict', '{
        dictinitoption, dictname, dictnamespace, dictowner, dicttemplate, oid}'::name[]),
    ('pg_ts_parser', '{
        oid, prsend, prsheadline, prslextype, prsname, prsnamespace, prsstart, prstoken}'::name[]),
    ('pg_ts_template', '{
        oid, tmplinit, tmpllexize, tmplname, tmplnamespace}'::name[]),
    ('pg_type', '{
        oid, typacl, typalign, typanalyze, typarray, typbasetype, typbyval, typcategory,
        typcollation, typdefault, typdefaultbin, typdelim, typelem, typinput, typisdefined,
        typispreferred, typlen, typmodin, typmodout, typname, typnamespace, typndims, typnotnull,
        typoutput, typowner, typreceive, typrelid, typsend, typstorage, typsubscript, typtype,
        typtypmod}'::name[]),
    ('pg_user_mapping', '{
        oid, umoptions, umserver, umuser}'::name[])
) AS known(catalog, columns)
JOIN pg_class c ON c.relname = known.catalog AND c.relnamespace = 'pg_catalog'::regnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE a.attname <> ALL (known.columns)
ORDER BY 1, 2;
