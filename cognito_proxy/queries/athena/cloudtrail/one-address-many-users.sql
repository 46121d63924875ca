-- Addresses that tried many users. Only users who exist have a sub; CloudTrail has no usernames.
SELECT sourceipaddress AS address,
  count(DISTINCT json_extract_scalar(additionaleventdata, '$.sub')) AS users,
  count(*) AS calls
FROM cloudtrail_logs
WHERE {window}
  AND eventsource = 'cognito-idp.amazonaws.com'
  AND eventname IN ('InitiateAuth', 'RespondToAuthChallenge')
GROUP BY sourceipaddress
HAVING count(DISTINCT json_extract_scalar(additionaleventdata, '$.sub')) >= 10
ORDER BY users DESC, address
LIMIT 100
