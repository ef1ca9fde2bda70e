package permit

import (
	"slices"
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// The names that a target's statements use, beside those of Place: {pass-roles} are the ARNs of the roles that its
// units of work run with, which serin hands on with every revision that it registers.

// Target returns what one of a target's two roles may do. The target's file names everything but {pass-roles}.
func Target(t *release.Target, access Access) ([]Statement, error) {
	var look, change []Statement
	switch t.Platform {
	case release.PlatformECSQueue:
		look, change = ecsQueueLook(t), ecsQueueChange(t)
	case release.PlatformECSALB:
		look, change = ecsALBLook(t), ecsALBChange(t)
	case release.PlatformLambdaAlias:
		look, change = lambdaAliasLook(t), lambdaAliasChange(t)
	case release.PlatformEC2Mirror:
		look, change = mirrorLook(t), mirrorChange(t)
	default:
		return nil, release.Errorf(release.Invalid, "target "+string(t.Name), "what serin needs for the platform %q is not known to this version", t.Platform)
	}
	if access == Look {
		if t.Source.Required() != nil {
			look = append(look, gate(t))
		}
		return slices.Concat(look, evidence, callHooks(t, release.AfterStep, release.AfterPromotion)), nil
	}
	return slices.Concat(look, change, []Statement{writeLive(t)}, callHooks(t, release.HookStages()...)), nil
}

// evidence is what the judge reads, on every platform.
var evidence = []Statement{
	{
		Actions: []string{"cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms"}, Resources: []string{"*"},
		Why: "reads the target's alarms, also one that fired and cleared between two looks; composite alarms are described with * only",
	},
	{
		Actions: []string{"cloudwatch:GetMetricData"}, Resources: []string{"*"},
		Why: "reads the workload's metrics; metrics are no resources in IAM, so nothing narrower will do",
	},
}

// findImages lets serin find the image that is released.
func findImages(t *release.Target) Statement {
	const repositories = "arn:{partition}:ecr:{region}:{account}:repository/"
	if t.Source.ECR != nil {
		return Statement{
			Actions: []string{"ecr:DescribeImages"}, Resources: []string{repositories + t.Source.ECR.Repository},
			Why: "finds the digest of what is released, and whether that of the baseline can still be pulled",
		}
	}
	return Statement{
		Actions: []string{"ecr:DescribeImages"}, Resources: []string{repositories + "*"},
		Why: "finds the digest of what is released; the target names no repository, so it is that of the image that serves",
	}
}

// gate lets serin read what scans have found in the target's images, where its file asks for that.
func gate(t *release.Target) Statement {
	return Statement{
		Actions:   []string{"ecr:BatchGetRepositoryScanningConfiguration", "ecr:DescribeImageScanFindings"},
		Resources: []string{"arn:{partition}:ecr:{region}:{account}:repository/" + t.Source.ECR.Repository},
		Why:       "reads what the scan of an image has found before it is released, and whether images are scanned at all",
	}
}

// writeLive lets serin say what serves, for infrastructure code.
func writeLive(t *release.Target) Statement {
	return Statement{
		Actions:   []string{"ssm:GetParameter", "ssm:PutParameter"},
		Resources: []string{"arn:{partition}:ssm:{region}:{account}:parameter" + t.Name.LiveParameter()},
		Why:       "writes down what serves at the end of a release, for infrastructure code",
	}
}

// callHooks lets serin call the hooks of some stages: exactly the functions that the target's file names.
func callHooks(t *release.Target, stages ...release.HookStage) []Statement {
	var functions []string
	for _, hook := range t.Hooks {
		if slices.ContainsFunc(stages, hook.At) && !slices.Contains(functions, hook.Function) {
			functions = append(functions, hook.Function)
		}
	}
	if len(functions) == 0 {
		return nil
	}
	return []Statement{{
		Actions: []string{"lambda:InvokeFunction"}, Resources: functions,
		Why: "calls the hooks that the target's file names, and before a release asks whether it may",
	}}
}

// RoleBase returns what the names of a target's two roles begin with.
func RoleBase(t *release.Target) string {
	if t.Role != "" {
		return t.Role
	}
	return "serin-" + string(t.Name)
}

// RoleName returns the name of one of a target's two roles.
func RoleName(t *release.Target, access Access) string {
	return last(RoleBase(t)) + "-" + string(access)
}

// last returns the last part of an ARN, a URL or a path, and a name as it is.
func last(text string) string { return text[strings.LastIndex(text, "/")+1:] }

// Trust is the condition under which a target's role may be assumed: by a function of serin's that reaches so far, in
// serin's account, for this target.
type Trust struct {
	Core       string   // the account that serin runs in
	ExternalID string   // the target's name: a role that is named in the wrong target's file does not let serin in
	Roles      []string // patterns of the ARNs of the functions' roles
}

// TrustOf returns whom a target's role lets in. partition and core may be tokens of a template.
func TrustOf(t *release.Target, access Access, partition, core string) Trust {
	trust := Trust{Core: core, ExternalID: string(t.Name)}
	reaches := []Access{Change}
	if access == Look {
		reaches = []Access{Change, Look} // who may change may look
	}
	for _, reach := range reaches {
		trust.Roles = append(trust.Roles, "arn:"+partition+":iam::"+core+":role/serin/"+string(reach)+"/*")
	}
	return trust
}
