-- Addresses with most requests in one minute. CloudFront's log knows no operation: the WAF log and the functions' do.
SELECT c_ip AS address, substr("time", 1, 5) AS minute, CAST("date" AS varchar) AS on_day, count(*) AS requests
FROM cloudfront_logs
WHERE {window}
  AND cs_method = 'POST'
GROUP BY c_ip, substr("time", 1, 5), CAST("date" AS varchar)
HAVING count(*) >= 30
ORDER BY requests DESC, on_day, minute, address
LIMIT 100
