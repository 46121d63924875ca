-- Addresses with most errors of any kind (4xx are refusals by Cognito, the proxy or the firewall), and their share.
SELECT c_ip AS address,
  count_if(TRY_CAST(sc_status AS integer) >= 400) AS errors,
  count(*) AS requests,
  round(100.0 * count_if(TRY_CAST(sc_status AS integer) >= 400) / count(*), 1) AS percent
FROM cloudfront_logs
WHERE {window}
GROUP BY c_ip
HAVING count_if(TRY_CAST(sc_status AS integer) >= 400) >= 50
ORDER BY errors DESC, address
LIMIT 100
