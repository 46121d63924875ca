-- Addresses that got most server errors (5xx) through CloudFront.
SELECT c_ip AS address, count(*) AS errors
FROM cloudfront_logs
WHERE {window}
  AND TRY_CAST(sc_status AS integer) >= 500
GROUP BY c_ip
HAVING count(*) >= 20
ORDER BY errors DESC, address
LIMIT 100
