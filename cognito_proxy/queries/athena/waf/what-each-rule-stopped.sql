-- What each rule stopped: rules of the web ACL and, for a managed group, the rule inside it.
SELECT terminatingruleid AS rule,
  coalesce(element_at(filter(rulegrouplist, g -> g.terminatingrule.ruleid IS NOT NULL), 1).terminatingrule.ruleid, '')
    AS rule_in_group,
  count(*) AS blocked,
  count(DISTINCT httprequest.clientip) AS addresses
FROM waf_logs
WHERE {window}
  AND action = 'BLOCK'
GROUP BY 1, 2
ORDER BY blocked DESC, rule, rule_in_group
LIMIT 100
