-- Extensions that this server could create, and whether it takes a superuser to do so.
SELECT name, version, superuser AND NOT trusted AS needs_superuser
  FROM pg_catalog.pg_available_extension_versions
