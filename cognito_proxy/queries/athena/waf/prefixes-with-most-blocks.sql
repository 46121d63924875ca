-- Networks (/24, /64) that the firewall blocked most, and how many addresses they came from.
WITH calls AS (
  SELECT httprequest.clientip AS address
  FROM waf_logs
  WHERE {window}
    AND action = 'BLOCK'
), networks AS (
  SELECT address, {prefix} AS prefix
  FROM calls
)
SELECT prefix, count(*) AS blocked, count(DISTINCT address) AS addresses
FROM networks
GROUP BY prefix
HAVING count(*) >= 50
ORDER BY blocked DESC, prefix
LIMIT 100
