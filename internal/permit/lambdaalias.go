package permit

import "github.com/serin-aws/serin/internal/release"

// function returns the ARN of a target's function.
func function(t *release.Target) string {
	name := t.LambdaAlias.Function
	if len(name) > 4 && name[:4] == "arn:" {
		return name
	}
	return "arn:{partition}:lambda:{region}:{account}:function:" + name
}

// lambdaAliasLook is what looking at a function behind an alias needs.
func lambdaAliasLook(t *release.Target) []Statement {
	return []Statement{{
		Actions: []string{"lambda:GetAlias"}, Resources: []string{function(t)},
		Why: "sees the alias's versions and weights",
	}}
}

// lambdaAliasChange is what releasing needs besides.
func lambdaAliasChange(t *release.Target) []Statement {
	return []Statement{
		{
			Actions: []string{"lambda:GetFunctionConfiguration", "lambda:GetProvisionedConcurrencyConfig"}, Resources: []string{function(t) + ":*"},
			Why: "sees before a release whether two versions fit behind one alias",
		},
		{
			Actions: []string{"lambda:UpdateAlias"}, Resources: []string{function(t)},
			Why: "moves the alias's version and weights, and nothing else of the function",
		},
	}
}
