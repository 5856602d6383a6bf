SELECT pg_catalog.setval(pg_catalog.format('%I.%I', schema, name)::pg_catalog.regclass,
                         last_value, is_called)
  FROM pg_temp.belay_sequence_states
