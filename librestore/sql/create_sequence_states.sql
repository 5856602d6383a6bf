CREATE TEMPORARY TABLE belay_sequence_states
  (schema text, name text, last_value bigint, is_called boolean)
