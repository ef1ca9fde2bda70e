package permit_test

import (
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/permit"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// Why a role may do what the releases of a platform need not call.
const (
	noAlarms = "asked where an alarm has data; TestExact has such alarms"
	somebody = "asked where somebody else deploys in the middle, or where a record was lost; the platform's own tests have it"
	byHand   = "asked where the rule is its listener's default one; internal/platform/ecsalb has the test"
	taken    = "asked where a release is rolled back in the middle of an update, or CloudFormation could not take one back; internal/platform/mirror has the tests"
)

// Nothing missing, nothing spare on the other platforms: what a target's two roles allow is what releases of all kinds
// were seen to call. What no call shows - roles that are handed on, tags, objects that CloudFormation reads - stands in
// statements that say so themselves (Unseen).
func TestExactOnEveryPlatform(t *testing.T) {
	for _, platform := range []struct {
		name    string
		targets []string
		scenes  string
		change  func(*release.Target, *scenario.Scenario)
		rare    reasons
	}{
		{
			name: "lambda-alias", targets: []string{alias}, scenes: "good bad slow quiet",
			rare: reasons{string(permit.Look): {"cloudwatch:DescribeAlarmHistory": noAlarms}},
		},
		{
			name: "lambda-alias with hooks", targets: []string{hooked}, scenes: "good hook-fails hook-waits",
			rare: reasons{string(permit.Look): {"cloudwatch:DescribeAlarmHistory": noAlarms}},
		},
		{
			name: "lambda-alias of images", targets: []string{imaged}, scenes: "good bad quiet",
			rare: reasons{string(permit.Look): {"cloudwatch:DescribeAlarmHistory": noAlarms}},
		},
		{
			name: "lambda-alias of zip files", targets: []string{zipped}, scenes: "good bad quiet",
			change: func(_ *release.Target, s *scenario.Scenario) {
				if s != nil && s.Canary.FailureRate > s.Baseline.FailureRate { // a person may leave the version out
					s.Revision.Code = "s3://orders-code/orders-api/release-42.zip"
				}
			},
			rare: reasons{string(permit.Look): {"cloudwatch:DescribeAlarmHistory": noAlarms}},
		},
		{
			name: "ecs-alb", targets: []string{balanced, blueGreen}, scenes: "good bad sticky quiet",
			rare: reasons{
				string(permit.Look): {
					"cloudwatch:DescribeAlarmHistory": noAlarms,
					"ecs:DescribeTaskDefinition":      somebody, "ecs:ListTaskDefinitions": somebody,
					"ecs:ListServiceDeployments": somebody, "ecs:DescribeServiceRevisions": somebody,
				},
				string(permit.Change): {"elasticloadbalancing:ModifyListener": byHand},
			},
		},
		{
			name: "ec2-mirror", targets: []string{mirrored}, scenes: "good bad crash-loop",
			rare: ofMirrors,
		},
		{
			name: "ec2-mirror with a template of its own", targets: []string{mirrored}, scenes: "good bad crash-loop",
			change: func(target *release.Target, _ *scenario.Scenario) {
				target.EC2Mirror.Template = "https://templates.s3.eu-west-1.amazonaws.com/shop/canary.yaml"
			},
			rare: ofMirrors,
		},
	} {
		t.Run(platform.name, func(t *testing.T) {
			seen, calm := needed{}, needed{}
			for _, file := range platform.targets {
				for _, scene := range strings.Fields(platform.scenes) {
					calm.observe(t, file, scene+".yaml", 1, platform.change)
					seen.observe(t, file, scene+".yaml", 4, platform.change)
				}
			}
			target := read(t, platform.targets[0])
			if platform.change != nil {
				platform.change(&target, nil)
			}
			exact(t, targetTables(t, &target), seen, calm, platform.rare)
		})
	}
}

// ofMirrors are the reasons of mirrored services.
var ofMirrors = reasons{
	string(permit.Look): {"cloudwatch:DescribeAlarmHistory": noAlarms, "cloudformation:DescribeStackEvents": somebody},
	string(permit.Change): {
		"cloudformation:CancelUpdateStack": taken, "cloudformation:ContinueUpdateRollback": taken,
	},
}
