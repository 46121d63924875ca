-- Networks (/24, /64) that signed up most users in one minute, of the requests that the firewall logged.
WITH calls AS (
  SELECT httprequest.clientip AS address, {operation} AS operation,
    date_format(from_unixtime("timestamp" / 1000e0), '%Y-%m-%d %H:%i') AS minute
  FROM waf_logs
  WHERE {window}
), networks AS (
  SELECT address, minute, {prefix} AS prefix
  FROM calls
  WHERE operation = 'SignUp'
)
SELECT prefix, minute, count(*) AS sign_ups, count(DISTINCT address) AS addresses
FROM networks
GROUP BY prefix, minute
HAVING count(*) >= 20
ORDER BY sign_ups DESC, minute, prefix
LIMIT 100
