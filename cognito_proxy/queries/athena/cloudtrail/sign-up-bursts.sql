-- Callers that signed up most users in one minute. Whoever comes through the proxy has the proxy's address here.
SELECT sourceipaddress AS address, substr(eventtime, 1, 16) AS minute, count(*) AS sign_ups
FROM cloudtrail_logs
WHERE {window}
  AND eventsource = 'cognito-idp.amazonaws.com'
  AND eventname = 'SignUp'
GROUP BY sourceipaddress, substr(eventtime, 1, 16)
HAVING count(*) >= 20
ORDER BY sign_ups DESC, minute, address
LIMIT 100
