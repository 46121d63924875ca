-- Users who were tried from many addresses, by their sub; CloudTrail has no usernames.
SELECT json_extract_scalar(additionaleventdata, '$.sub') AS sub,
  count(DISTINCT sourceipaddress) AS addresses,
  count(*) AS calls
FROM cloudtrail_logs
WHERE {window}
  AND eventsource = 'cognito-idp.amazonaws.com'
  AND eventname IN ('InitiateAuth', 'RespondToAuthChallenge')
  AND json_extract_scalar(additionaleventdata, '$.sub') IS NOT NULL
GROUP BY json_extract_scalar(additionaleventdata, '$.sub')
HAVING count(DISTINCT sourceipaddress) >= 10
ORDER BY addresses DESC, sub
LIMIT 100
