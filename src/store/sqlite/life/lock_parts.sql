-- Nothing is locked one by one where there is one writer.
--   $1 namespace, $2 [reference]
SELECT 1 WHERE $1 <> $1 AND $2 <> $2
