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
	if publishes(t) { // a version that is not published has no number
		versions = append(versions, function(t))
	}
	return append(publish(t), []Statement{
		{
			Actions: []string{"lambda:GetFunctionConfiguration", "lambda:GetProvisionedConcurrencyConfig"}, Resources: versions,
			Why: "sees before a release whether two versions fit behind one alias, and whether Lambda has taken new code over",
		},
		{
			Actions: []string{"lambda:UpdateAlias"}, Resources: []string{function(t)},
			Why: "moves the alias's version and weights, and nothing else of the function",
		},
	}...)
}

// publishes reports whether a target's releases make versions of code.
func publishes(t *release.Target) bool { return t.Source.ECR != nil || t.Source.S3 != nil }

// publish is what making versions needs, where the target names a place that their code is taken from.
func publish(t *release.Target) []Statement {
	if !publishes(t) {
		return nil
	}
	give := Statement{
		Actions: []string{"lambda:PublishVersion", "lambda:UpdateFunctionCode"}, Resources: []string{function(t)},
		Why: "gives the function code from the target's own place and publishes it as a version; the alias is not touched by that",
	}
	if t.Source.S3 != nil {
		return []Statement{give, {
			Actions: []string{"s3:GetObject", "s3:GetObjectVersion"}, Resources: []string{"arn:{partition}:s3:::" + t.Source.S3.Bucket + "/" + t.Source.S3.Prefix + "*"},
			Why: "finds the version of the zip file and its hash; Lambda, too, reads it in the name of whoever gives it",
		}, {
			Actions: []string{"lambda:GetFunction"}, Resources: []string{function(t)},
			Why: "sees under which key Lambda keeps the function's code, so that new code is kept under it, too; no other call tells that",
		}}
	}
	return []Statement{findImages(t), give, {
		Actions:   []string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
		Resources: []string{"arn:{partition}:ecr:{region}:{account}:repository/" + t.Source.ECR.Repository}, Unseen: true,
		Why: "Lambda asks whether whoever gives it an image may read that",
	}}
}
