-- Addresses that one rule blocked; change its name below. Rules inside a managed group are found, too.
SELECT httprequest.clientip AS address, max(httprequest.country) AS country, count(*) AS blocked
FROM waf_logs
WHERE {window}
  AND action = 'BLOCK'
  AND (
    terminatingruleid = '{rule}'
    OR cardinality(filter(rulegrouplist, g -> g.terminatingrule.ruleid = '{rule}')) > 0
  )
GROUP BY httprequest.clientip
ORDER BY blocked DESC, address
LIMIT 100
