-- Callers with most InitiateAuth calls. Whoever comes through the proxy has the proxy's address here.
SELECT sourceipaddress AS address, count(*) AS calls
FROM cloudtrail_logs
WHERE {window}
  AND eventsource = 'cognito-idp.amazonaws.com'
  AND eventname = 'InitiateAuth'
GROUP BY sourceipaddress
HAVING count(*) >= 100
ORDER BY calls DESC, address
LIMIT 100
