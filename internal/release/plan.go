package release

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Plan says in which steps the canary is given weight and how long it is watched.
type Plan struct {
	Steps    []Step   `json:"steps,omitempty"`
	Preset   string   `json:"preset,omitempty"` // in place of steps: a CodeDeploy preset name, see ParsePreset
	MaxBake  Duration `json:"maxBake"`          // how long one step may be extended while inconclusive, its bake included
	Settle   Duration `json:"settle"`           // watch after promotion
	Deadline Duration `json:"deadline"`         // from opening to the promote decision, approval and freeze waits not counted
}

// Step is one weight and how long it is watched at least.
type Step struct {
	Weight   Weight   `json:"weight"` // percent, 1 to 99, or 100: all of the work, while the old revision still stands where there is a bake
	Bake     Duration `json:"bake"`
	Approval Approval `json:"approval,omitempty"`
}

// AtOnce reports whether the step is nothing but the promotion.
func (s Step) AtOnce() bool { return s.Weight >= 100 && s.Bake == 0 }

// SideBySide reports whether both revisions work at the step, so that the same minutes of both can be compared. Where only
// the new one does, its minutes are compared with those right before the release.
func (s Step) SideBySide() bool { return s.Weight < 100 }

// Longest returns how long a step may bake, its extensions included.
func (p Plan) Longest(s Step) Duration {
	longest := max(s.Bake, p.MaxBake)
	if !s.SideBySide() {
		return min(longest, Duration(LongestFullBake))
	}
	return longest
}

// LongestFullBake is how long a step of 100 percent may bake at most: after 15 minutes without work target tracking begins
// to take tasks away from the old revision, which then could not take all of it back at once.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/target-tracking-create-policy.html
const LongestFullBake = 15 * time.Minute

// KeepsBoth reports whether a platform can give a new revision all of the work while the old one still stands.
func (p PlatformName) KeepsBoth() bool { return p == PlatformECSALB }

// Approval says whether a person must agree after a step's bake.
type Approval string

// Required is the only Approval but for the empty one.
const Required Approval = "required"

// Bounds of a plan, in the general form that CodePipeline's Lambda deploy action accepts: any percentage from 1 to
// 99 and at most two days in all.
// https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-LambdaDeploy.html
const maxPreset = 48 * time.Hour

var (
	canaryPreset = regexp.MustCompile(`^(?:CodeDeployDefault\.)?(?:ECS|Lambda)?Canary([1-9]\d?)Percent([1-9]\d{0,3})Minutes?$`)
	linearPreset = regexp.MustCompile(`^(?:CodeDeployDefault\.)?(?:ECS|Lambda)?Linear([1-9]\d?)PercentEvery([1-9]\d{0,3})Minutes?$`)
	atOncePreset = regexp.MustCompile(`^(?:CodeDeployDefault\.)?(?:ECS|Lambda)?AllAtOnce$`)
)

// ParsePreset returns the steps that a CodeDeploy preset name stands for, in the general form with any percentage
// (1 to 99) and any number of minutes: Canary25Percent7Minutes is one step of 25 % for 7 minutes and then everything;
// Linear10PercentEvery2Minutes is 10 %, 20 %, ... 90 %, 2 minutes each; AllAtOnce has no step: the whole of the work
// moves at once and only settling watches it. CodeDeploy's own prefix (CodeDeployDefault.ECS, .Lambda) is accepted.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
func ParsePreset(name string) ([]Step, error) {
	if atOncePreset.MatchString(name) {
		return []Step{{Weight: 100}}, nil
	}
	if m := canaryPreset.FindStringSubmatch(name); m != nil {
		percent, minutes := number(m[1]), number(m[2])
		return boundedPreset(name, []Step{{Weight: Weight(percent), Bake: Duration(time.Duration(minutes) * time.Minute)}})
	}
	if m := linearPreset.FindStringSubmatch(name); m != nil {
		percent, minutes := number(m[1]), number(m[2])
		var steps []Step
		for w := percent; w < 100; w += percent {
			steps = append(steps, Step{Weight: Weight(w), Bake: Duration(time.Duration(minutes) * time.Minute)})
		}
		return boundedPreset(name, steps)
	}
	return nil, fmt.Errorf("%q is no preset; write one like Canary10Percent15Minutes, Linear10PercentEvery2Minutes or AllAtOnce", name)
}

func boundedPreset(name string, steps []Step) ([]Step, error) {
	var sum time.Duration
	for _, step := range steps {
		sum += step.Bake.Std()
	}
	if sum > maxPreset {
		return nil, fmt.Errorf("%q takes %s; at most %s are possible", name, Duration(sum), Duration(maxPreset))
	}
	return steps, nil
}

// number reads digits that a regular expression has already bounded.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		panic(err)
	}
	return n
}

// Resolved returns the plan's steps, a preset expanded.
func (p Plan) Resolved() ([]Step, error) {
	if p.Preset != "" {
		return ParsePreset(p.Preset)
	}
	return p.Steps, nil
}

// Bake returns the sum of all bakes of the given steps.
func Bake(steps []Step) time.Duration {
	var sum time.Duration
	for _, step := range steps {
		sum += step.Bake.Std()
	}
	return sum
}
