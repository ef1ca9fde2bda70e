package permit

import (
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// ecsALBLook is what looking at two services behind a load balancer needs.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
func ecsALBLook(t *release.Target) []Statement {
	return append(ecsLook(albServices(t)),
		Statement{
			Actions: []string{"elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTargetHealth"}, Resources: []string{"*"},
			Why: "sees how the rule divides requests, and which tasks the load balancer calls healthy; IAM takes no resource for these calls",
		},
	)
}

// ecsALBChange is what releasing to two services behind a load balancer needs besides.
func ecsALBChange(t *release.Target) []Statement {
	rule := t.ECSALB.ListenerRule
	return ecsChange(t, albServices(t),
		Statement{
			Actions: []string{"elasticloadbalancing:DescribeTargetGroupAttributes", "elasticloadbalancing:DescribeTargetGroups"}, Resources: []string{"*"},
			Why: "sees that both target groups can take the same requests; IAM takes no resource for these calls",
		},
		Statement{
			Actions: []string{"elasticloadbalancing:ModifyRule"}, Resources: []string{rule},
			Why: "changes the weights of the two target groups; the call takes the whole list of the rule's actions",
		},
		Statement{
			Actions: []string{"elasticloadbalancing:ModifyListener"}, Resources: []string{listenerOf(rule)},
			Why: "the same where the rule is the listener's default one, which changes with the listener only",
		},
	)
}

func albServices(t *release.Target) pair {
	at := t.ECSALB
	return pair{cluster: last(at.Cluster), primary: last(at.PrimaryService), canary: last(at.CanaryService)}
}

// listenerOf returns the ARN of a rule's listener.
func listenerOf(rule string) string {
	return strings.Replace(rule[:max(0, strings.LastIndex(rule, "/"))], ":listener-rule/", ":listener/", 1)
}
