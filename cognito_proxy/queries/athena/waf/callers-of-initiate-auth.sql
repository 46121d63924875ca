-- Addresses with most InitiateAuth calls, of the requests that the firewall logged.
WITH calls AS (
  SELECT httprequest.clientip AS address, {operation} AS operation, action
  FROM waf_logs
  WHERE {window}
)
SELECT address, count(*) AS calls, count_if(action = 'BLOCK') AS blocked
FROM calls
WHERE operation = 'InitiateAuth'
GROUP BY address
HAVING count(*) >= 100
ORDER BY calls DESC, address
LIMIT 100
