package targetfile

import (
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // freeze windows name time zones, and a function's image need not have them

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/yamlfile"
)

// report notes what is wrong at a path: "is X but must Y (why)".
type report interface {
	Wrong(path yamlfile.Path, format string, args ...any)
}

// at is a path; the word keeps the rules readable.
func at(elements ...any) yamlfile.Path { return yamlfile.At(elements...) }

// check holds a target that keeps the table against everything that a table cannot say.
func check(t release.Target, r report) {
	checkRole(t, r)
	checkPlatform(t, r)
	if t.ECSQueue != nil {
		checkECSQueue(*t.ECSQueue, r)
	}
	if t.EC2Mirror != nil {
		checkEC2Mirror(*t.EC2Mirror, r)
	}
	if t.ECSALB != nil {
		checkECSALB(*t.ECSALB, r)
	}
	if t.Source.S3 != nil && t.Platform != release.PlatformLambdaAlias && t.Platform != "" {
		r.Wrong(at("source", "s3"), "stands here but platform is %s; only a lambda-alias target releases zip files", t.Platform)
	}
	checkChecks(t.Checks, r)
	checkCompare(t, r)
	checkHooks(t.Hooks, r)
	checkPlans(t, r)
	checkTimes(t, r)
	checkSize(t, r)
}

// IAM role names have at most 64 characters.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const maxRoleName = 64

func checkRole(t release.Target, r report) {
	longest := len("serin-") + len(t.Name) + len("-change")
	if t.Role == "" && longest > maxRoleName {
		r.Wrong(at("name"), "has %d characters but must have at most %d where role is not set (the role serin-NAME-change may have %d)",
			len(t.Name), maxRoleName-len("serin-")-len("-change"), maxRoleName)
	}
}

// checkPlatform holds platform and workload together.
func checkPlatform(t release.Target, r report) {
	for _, workload := range []struct {
		platform release.PlatformName
		field    string
		given    bool
	}{
		{release.PlatformECSQueue, "ecsQueue", t.ECSQueue != nil},
		{release.PlatformLambdaAlias, "lambdaAlias", t.LambdaAlias != nil},
		{release.PlatformECSALB, "ecsALB", t.ECSALB != nil},
		{release.PlatformEC2Mirror, "ec2Mirror", t.EC2Mirror != nil},
	} {
		if workload.given && t.Platform != "" && t.Platform != workload.platform {
			r.Wrong(at(workload.field), "stands here but platform is %s, whose workload is described in another field", t.Platform)
		}
	}
}

func checkEC2Mirror(w release.EC2Mirror, r report) {
	if w.Stack == w.Temporary && w.Stack != "" {
		r.Wrong(at("ec2Mirror", "temporary"), "is %q but must be another stack than the live one", w.Temporary)
	}
	if !w.Idempotent {
		r.Wrong(at("ec2Mirror", "idempotent"), "is not true but must be (mirrored requests are answered a second time, by a stack that shares your data: say so only of a service whose GET and HEAD change nothing)")
	}
	checkMirrorProxy(w.Proxy, r)
}

// checkMirrorProxy holds what no single field can say. The numbers are those of package proxy.
func checkMirrorProxy(p release.MirrorProxy, r report) {
	within := func(field string, d release.Duration, least, most time.Duration, why string) {
		if d.Std() < least || d.Std() > most {
			r.Wrong(at("ec2Mirror", "proxy", field), "is %s but must be %s to %s%s", d, release.Duration(least), release.Duration(most), why)
		}
	}
	within("timeout", p.Timeout, time.Second, time.Hour, "")
	within("connect", p.Connect, time.Second, 75*time.Second, " (the kernel itself gives up then)")
	within("keepAlive", p.KeepAlive, time.Second, 2*time.Hour, "")
	seen := map[string]bool{}
	for i, route := range p.Routes {
		where := at("ec2Mirror", "proxy", "routes", i)
		if seen[route.Prefix] {
			r.Wrong(append(where, "prefix"), "is %q a second time but must be given once", route.Prefix)
		}
		seen[route.Prefix] = true
		if route.Websockets && len(route.Mirror) > 0 {
			r.Wrong(append(where, "mirror"), "stands beside websockets: true but such a route is not mirrored; leave one of them out")
		}
	}
}

func checkECSQueue(w release.ECSQueue, r report) {
	if w.PrimaryService == w.CanaryService && w.CanaryService != "" {
		r.Wrong(at("ecsQueue", "canaryService"), "is %q but must be another service than primaryService (the canary is a service of its own)", w.CanaryService)
	}
	if strings.HasSuffix(w.Queue, ".fifo") {
		r.Wrong(at("ecsQueue", "queue"), "is a FIFO queue but must be a standard one (a message group waits for its predecessor, so two versions cannot share the work)")
	}
}

// checkECSALB refuses what only looks like a rule that divides requests: a Network Load Balancer has no rules, and a
// listener has several.
func checkECSALB(w release.ECSALB, r report) {
	if w.PrimaryService == w.CanaryService && w.CanaryService != "" {
		r.Wrong(at("ecsALB", "canaryService"), "is %q but must be another service than primaryService (the canary is a service of its own)", w.CanaryService)
	}
	switch rule := w.ListenerRule; {
	case rule == "" || strings.Contains(rule, ":listener-rule/app/"):
	case strings.Contains(rule, "/net/") || strings.Contains(rule, "/gwy/"):
		r.Wrong(at("ecsALB", "listenerRule"), "is of a Network or Gateway Load Balancer but must be a rule of an Application Load Balancer (only those divide requests)")
	case strings.Contains(rule, ":listener/"):
		r.Wrong(at("ecsALB", "listenerRule"), "is a listener but must be one of its rules; the default rule has an ARN, too (aws elbv2 describe-rules --listener-arn ...)")
	default:
		r.Wrong(at("ecsALB", "listenerRule"), "is no ARN of a listener's rule (arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener-rule/app/NAME/ID/LISTENER/RULE)")
	}
}

func checkHooks(hooks []release.Hook, r report) {
	for i, hook := range hooks {
		if d := hook.Timeout.Std(); d < time.Minute || d > release.LongestHook {
			r.Wrong(at("hooks", i, "timeout"), "is %s but must be 1m to %s", hook.Timeout, release.Duration(release.LongestHook))
		}
		for n, stage := range hook.Stages {
			before := slices.IndexFunc(hooks[:i], func(h release.Hook) bool { return h.Function == hook.Function && h.At(stage) })
			if before >= 0 {
				r.Wrong(at("hooks", i, "stages", n), "is %q, at which hooks[%d] names the same function, but a function must be named once for a stage", string(stage), before)
			}
		}
	}
}

func checkChecks(c release.Checks, r report) {
	if len(c.Alarms) == 0 && len(c.Compare) == 0 {
		r.Wrong(at("checks"), "has no entry in alarms and none in compare but must have at least one (nothing else could tell a bad version from a good one)")
	}
	passes := func(c release.Comparison) bool { return !c.VetoOnly }
	if len(c.Alarms) == 0 && len(c.Compare) > 0 && !slices.ContainsFunc(c.Compare, passes) {
		r.Wrong(at("checks", "compare"), "only vetoes but needs one comparison without vetoOnly, or an alarm (nothing else could let a good version pass)")
	}
}
