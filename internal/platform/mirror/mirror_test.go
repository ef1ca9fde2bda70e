package mirror_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/platform/mirror"
	"github.com/serin-aws/serin/internal/release"
)

const repo = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders"

var (
	oldImage = repo + "@sha256:" + strings.Repeat("a", 64)
	newImage = repo + "@sha256:" + strings.Repeat("b", 64)
)

const (
	before   = "a nginx  0%"
	mirrored = "a envoy orders-canary.elb:80 10%"
	after    = "b nginx  0%"
)

func target() release.Target {
	return release.Target{Name: "orders", Platform: release.PlatformEC2Mirror, EC2Mirror: &release.EC2Mirror{
		Stack: "orders", Temporary: "orders-canary", Idempotent: true,
		Parameters: release.MirrorParameters{Image: "ImageUri", ProxyMode: "ProxyMode", MirrorHost: "MirrorHost", MirrorPercent: "MirrorPercent"},
		Outputs:    release.MirrorOutputs{Endpoint: "Endpoint", LoadBalancer: "LoadBalancerArn", TargetGroup: "TargetGroupArn"},
	}}
}

// fataler is what *testing.T and *rapid.T have in common.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

func platform(a *account) *mirror.Platform {
	return mirror.New(mirror.Clients{CloudFormation: a, ELB: a, ECR: a, SSM: a}, func() time.Time { return a.now })
}

// opened returns a release as it stands after it was recorded.
func opened(t fataler, a *account) *release.Release {
	t.Helper()
	prepared, err := platform(a).Prepare(context.Background(), target(), release.Revision{Image: "orders:release-42"})
	if err != nil {
		t.Fatal(err)
	}
	return &release.Release{
		Snapshot: release.Snapshot{
			ID: "r-0123456789ab", Target: target(), Revision: prepared.Revision, Baseline: prepared.Baseline,
			Steps: []release.Step{{Weight: 10}, {Weight: 50}},
		},
		State: release.State{Phase: release.Shifting, Since: a.now},
	}
}

// until calls a change until it has come about or failed.
func until(t fataler, a *account, r *release.Release, change func(context.Context, *release.Release) (release.Progress, error)) release.Progress {
	t.Helper()
	for range 30 {
		progress, err := change(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		r.Record(progress.Made...)
		if progress.State != release.Working {
			return progress
		}
		a.tick()
	}
	t.Fatal("never comes about")
	return release.Progress{}
}

func shiftTo(a *account, w release.Weight) func(context.Context, *release.Release) (release.Progress, error) {
	return func(ctx context.Context, r *release.Release) (release.Progress, error) {
		return platform(a).Shift(ctx, r, w)
	}
}

func TestForwardAndDone(t *testing.T) {
	a := newAccount()
	r := opened(t, a)
	for step, want := range []string{mirrored, "a envoy orders-canary.elb:80 50%"} {
		r.Step, r.Phase = step, release.Shifting
		if p := until(t, a, r, shiftTo(a, r.Current().Weight)); p.State != release.Reached || a.text("orders") != want {
			t.Fatalf("step %d: %+v, %s", step, p, a.text("orders"))
		}
		r.Phase, r.BakeSince = release.Baking, a.now
		if s, err := platform(a).Inspect(context.Background(), r); err != nil || s.Foreign+s.Trouble != "" || s.Weight != release.Percent(r.Current().Weight) || s.Measured.Value != "targetgroup/orders-canary/1" {
			t.Fatalf("step %d: %+v %v", step, s, err)
		}
	}
	if a.text("orders-canary") != after {
		t.Error("the temporary stack has", a.text("orders-canary"))
	}
	r.Phase = release.Promoting
	if p := until(t, a, r, platform(a).Promote); p.State != release.Reached || a.text("orders") != after {
		t.Fatalf("%+v, %s", p, a.text("orders"))
	}
	r.Phase = release.Cleaning
	if p := until(t, a, r, platform(a).Cleanup); p.State != release.Reached || a.text("orders-canary") != "none" || a.serves != newImage {
		t.Errorf("%+v, %s, %s serves", p, a.text("orders-canary"), a.serves)
	}
}

// A failure of CloudFormation at each step is a verdict, and the rollback ends in the recorded parameters with no
// temporary stack.
func TestCloudFormationFails(t *testing.T) {
	for name, c := range map[string]struct {
		stack string
		at    release.Phase
		jam   bool
	}{
		"temporary stack": {"orders-canary", release.Shifting, false},
		"to Envoy":        {"orders", release.Shifting, false},
		"to nginx":        {"orders", release.Promoting, false},
		"jammed":          {"orders", release.Promoting, true},
	} {
		a := newAccount()
		r := opened(t, a)
		if c.at == release.Promoting {
			until(t, a, r, shiftTo(a, 10))
			r.Phase = release.Promoting
		}
		a.refuse[c.stack], a.jam = true, c.jam
		change := shiftTo(a, 10)
		if c.at == release.Promoting {
			change = platform(a).Promote
		}
		if p := until(t, a, r, change); p.State != release.Failed || p.Note == "" || !c.jam && !strings.Contains(p.Note, "no signal from the instances") {
			t.Errorf("%s: %+v", name, p)
		}
		goHome(t, a, r)
		if a.text("orders") != before || a.text("orders-canary") != "none" {
			t.Errorf("%s: %s, temporary %s", name, a.text("orders"), a.text("orders-canary"))
		}
	}
}

func goHome(t fataler, a *account, r *release.Release) {
	t.Helper()
	r.Phase, r.Home = release.RollingBack, true
	if p := until(t, a, r, platform(a).Rollback); p.State != release.Reached {
		t.Fatal(p)
	}
	r.Phase = release.Cleaning
	if p := until(t, a, r, platform(a).Cleanup); p.State != release.Reached {
		t.Fatal(p)
	}
}

// A stack that somebody updated without a rollback takes no update and cannot be told to go on: a person is told at once
// how it is taken back, and then the rollback goes on.
func TestRollbackOfAStackThatWasLeftFailed(t *testing.T) {
	a := newAccount()
	r := opened(t, a)
	until(t, a, r, shiftTo(a, 10))
	live := a.stacks["orders"]
	live.StackStatus = types.StackStatusUpdateFailed
	r.Phase, r.Home = release.RollingBack, true
	p, err := platform(a).Rollback(context.Background(), r)
	if err != nil || p.State != release.Failed || !strings.HasSuffix(p.Note, ": aws cloudformation rollback-stack --stack-name orders") {
		t.Fatal(p, err)
	}
	live.StackStatus = types.StackStatusUpdateRollbackComplete
	goHome(t, a, r)
	if a.text("orders") != before {
		t.Error(a.text("orders"))
	}
}

// A rollback in the middle of our own update cancels it.
func TestRollbackCancels(t *testing.T) {
	a := newAccount()
	r := opened(t, a)
	until(t, a, r, shiftTo(a, 10))
	r.Phase = release.Promoting
	p, err := platform(a).Promote(context.Background(), r)
	if err != nil || p.State != release.Working {
		t.Fatal(p, err)
	}
	r.Record(p.Made...)
	r.Phase, r.Home = release.RollingBack, true
	if p, err = platform(a).Rollback(context.Background(), r); err != nil || !strings.Contains(p.Note, "is cancelled") {
		t.Fatal(p, err)
	}
	goHome(t, a, r)
	if a.text("orders") != before {
		t.Error(a.text("orders"))
	}
}

func TestDeletionIsTriedAgain(t *testing.T) {
	a := newAccount()
	r := opened(t, a)
	until(t, a, r, shiftTo(a, 10))
	a.stuck = true
	goHome(t, a, r)
	if a.text("orders-canary") != "none" {
		t.Error(a.text("orders-canary"))
	}
}

func TestSomebodyElse(t *testing.T) {
	for name, c := range map[string]struct {
		does func(*account)
		left string
	}{
		"another parameter": {func(a *account) { a.stacks["orders"].Parameters[0].ParameterValue = aws.String("vpc-2") }, before},
		"another image": {func(a *account) {
			a.stacks["orders"].Parameters[1].ParameterValue = aws.String(repo + "@sha256:" + strings.Repeat("c", 64))
		}, "c nginx  0%"},
		"no mirror":     {func(a *account) { a.stacks["orders"].Parameters = parametersOf(oldImage, "nginx", "", "0") }, before},
		"another share": {func(a *account) { a.stacks["orders"].Parameters[4].ParameterValue = aws.String("33") }, before},
	} {
		a := newAccount()
		r := opened(t, a)
		until(t, a, r, shiftTo(a, 10))
		r.Phase, r.BakeSince, r.CanarySince = release.Baking, a.now, a.now
		c.does(a)
		if s, err := platform(a).Inspect(context.Background(), r); err != nil || !strings.Contains(s.Foreign, "somebody else") {
			t.Errorf("%s: %+v %v", name, s, err)
		}
		goHome(t, a, r)
		if a.text("orders") != c.left {
			t.Errorf("%s: %s", name, a.text("orders"))
		}
	}
}

func TestTemporaryStackDoesNotStayUp(t *testing.T) {
	for want, does := range map[string]func(*account){
		"does not exist any more": func(a *account) { delete(a.stacks, "orders-canary") },
		"is ROLLBACK_COMPLETE":    func(a *account) { a.stacks["orders-canary"].StackStatus = types.StackStatusRollbackComplete },
		"is healthy":              func(a *account) { a.healthy = false },
	} {
		a := newAccount()
		r := opened(t, a)
		until(t, a, r, shiftTo(a, 10))
		r.Phase, r.BakeSince = release.Baking, a.now
		does(a)
		if s, err := platform(a).Inspect(context.Background(), r); err != nil || !strings.Contains(s.Trouble, want) {
			t.Errorf("%s: %+v %v", want, s, err)
		}
	}
}

func TestPrepareRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		image string
		spoil func(*account, *release.EC2Mirror)
		code  release.Code
		says  string
	}{
		"not said to be idempotent": {"orders:1", func(_ *account, m *release.EC2Mirror) { m.Idempotent = false }, release.Forbidden, "idempotent: true"},
		"no image":                  {"", func(*account, *release.EC2Mirror) {}, release.Invalid, "releases an image"},
		"another repository":        {"else:1", func(*account, *release.EC2Mirror) {}, release.Forbidden, "not in the target's repository"},
		"no such image":             {"orders:missing", func(*account, *release.EC2Mirror) {}, release.NotFound, "no such image"},
		"no stack":                  {"orders:1", func(a *account, _ *release.EC2Mirror) { delete(a.stacks, "orders") }, release.NotFound, "does not exist"},
		"changing": {"orders:1", func(a *account, _ *release.EC2Mirror) {
			a.stacks["orders"].StackStatus = types.StackStatusUpdateInProgress
		}, release.Unstable, "UPDATE_IN_PROGRESS"},
		"no service role": {
			"orders:1", func(a *account, _ *release.EC2Mirror) { a.stacks["orders"].RoleARN = nil }, release.Forbidden, "has no service role",
		},
		"no parameter": {"orders:1", func(_ *account, m *release.EC2Mirror) { m.Parameters.MirrorHost = "Shadow" }, release.Invalid, "has no parameter Shadow"},
		"no output":    {"orders:1", func(_ *account, m *release.EC2Mirror) { m.Outputs.Endpoint = "Url" }, release.Invalid, "has no output Url"},
		"NoEcho": {"orders:1", func(a *account, _ *release.EC2Mirror) {
			a.stacks["orders"].Parameters[0].ParameterValue = aws.String("****")
		}, release.Invalid, "Vpc is NoEcho"},
		"by tag": {"orders:1", func(a *account, _ *release.EC2Mirror) {
			a.stacks["orders"].Parameters[1].ParameterValue = aws.String(repo + ":latest")
		}, release.Invalid, "names no digest"},
		"mirrors already": {"orders:1", func(a *account, _ *release.EC2Mirror) {
			a.stacks["orders"].Parameters = parametersOf(oldImage, "envoy", "x:80", "5")
		}, release.Unstable, "mirrors already"},
		"left over": {"orders:1", func(a *account, _ *release.EC2Mirror) {
			a.add("orders-canary", nil, []types.Tag{{Key: aws.String(release.TagRelease), Value: aws.String("r-1")}})
		}, release.Unstable, "left over from release r-1"},
	} {
		a := newAccount()
		to := target()
		c.spoil(a, to.EC2Mirror)
		_, err := platform(a).Prepare(context.Background(), to, release.Revision{Image: c.image})
		if err == nil || release.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v (%s)", name, err, release.CodeOf(err))
		}
	}
}

// Whatever was asked for, answered or not, and however far it has come: a rollback ends in the recorded parameters.
func TestRollbackAlwaysComesHome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := newAccount()
		r := opened(t, a)
		for range rapid.IntRange(0, 15).Draw(t, "calls") {
			if rapid.IntRange(0, 3).Draw(t, "losing") == 0 {
				a.lost = errors.New("no answer")
			}
			a.refuse["orders"] = rapid.IntRange(0, 4).Draw(t, "refusing") == 0
			a.jam = rapid.IntRange(0, 4).Draw(t, "jamming") == 0
			var p release.Progress
			switch rapid.SampledFrom([]string{"shift", "shift", "rise", "promote", "tick", "tick"}).Draw(t, "does") {
			case "shift":
				p, _ = platform(a).Shift(context.Background(), r, r.Current().Weight)
			case "rise":
				r.Step = 1
			case "promote":
				p, _ = platform(a).Promote(context.Background(), r)
			case "tick":
				a.tick()
			}
			if rapid.Bool().Draw(t, "recorded") { // a crash loses what was made
				r.Record(p.Made...)
			}
		}
		a.lost = nil
		delete(a.refuse, "orders")
		goHome(t, a, r)
		if a.text("orders") != before || a.text("orders-canary") != "none" {
			t.Fatalf("%s, temporary %s", a.text("orders"), a.text("orders-canary"))
		}
	})
}
