-- Networks (/24, /64) that Cognito refused most. Whoever comes through the proxy has the proxy's address here.
WITH calls AS (
  SELECT sourceipaddress AS address
  FROM cloudtrail_logs
  WHERE {window}
    AND eventsource = 'cognito-idp.amazonaws.com'
    AND coalesce(errorcode, '') <> ''
    AND regexp_like(sourceipaddress, '^[0-9a-fA-F.:]+$')
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
