-- Callers that Cognito refused most, by what it said. Whoever comes through the proxy has the proxy's address here.
SELECT sourceipaddress AS address, errorcode AS error, count(*) AS errors
FROM cloudtrail_logs
WHERE {window}
  AND eventsource = 'cognito-idp.amazonaws.com'
  AND coalesce(errorcode, '') <> ''
GROUP BY sourceipaddress, errorcode
HAVING count(*) >= 50
ORDER BY errors DESC, address, error
LIMIT 100
