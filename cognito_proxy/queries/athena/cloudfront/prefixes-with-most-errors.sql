-- Networks (/24, /64) with most errors of any kind, and how many addresses they came from.
WITH calls AS (
  SELECT c_ip AS address
  FROM cloudfront_logs
  WHERE {window}
    AND TRY_CAST(sc_status AS integer) >= 400
), networks AS (
  SELECT address, {prefix} AS prefix
  FROM calls
)
SELECT prefix, count(*) AS errors, count(DISTINCT address) AS addresses
FROM networks
GROUP BY prefix
HAVING count(*) >= 50
ORDER BY errors DESC, prefix
LIMIT 100
