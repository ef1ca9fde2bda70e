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
	versions := []string{function(t) + ":*"}
	if t.Source.ECR != nil { // a version that is not published has no number
		versions = append(versions, function(t))
	}
	return append(publishImages(t), []Statement{
		{
			Actions: []string{"lambda:GetFunctionConfiguration", "lambda:GetProvisionedConcurrencyConfig"}, Resources: versions,
			Why: "sees before a release whether two versions fit behind one alias, and whether Lambda has taken an image over",
		},
		{
			Actions: []string{"lambda:UpdateAlias"}, Resources: []string{function(t)},
			Why: "moves the alias's version and weights, and nothing else of the function",
		},
	}...)
}

// publishImages is what making versions of images needs, where the target names their repository.
func publishImages(t *release.Target) []Statement {
	if t.Source.ECR == nil {
		return nil
	}
	return []Statement{
		findImages(t),
		{
			Actions: []string{"lambda:PublishVersion", "lambda:UpdateFunctionCode"}, Resources: []string{function(t)},
			Why: "gives the function an image of the target's repository and publishes it as a version; the alias is not touched by that",
		},
		{
			Actions:   []string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
			Resources: []string{"arn:{partition}:ecr:{region}:{account}:repository/" + t.Source.ECR.Repository}, Unseen: true,
			Why: "Lambda asks whether whoever gives it an image may read that",
		},
	}
}
