-- Who takes in what, and between which places it stands.
SELECT role, min(place) AS first, max(place) AS last, count(*) AS rows
  FROM pg_temp.belay_planner_statistics
 GROUP BY role
 ORDER BY first
