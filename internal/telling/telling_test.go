package telling_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/telling"
	"github.com/serin-aws/serin/statemachine/definition"
)

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

const execution = "arn:aws:states:eu-central-1:123456789012:execution:serin:orders-381"

var place = telling.Place{Bucket: "serin-reports"}

func at(phase release.Phase, change func(*release.Release)) *release.Release {
	r := &release.Release{}
	r.ID, r.Phase, r.Home, r.Since, r.Opened = "r-0123456789ab", phase, phase == release.RolledBack, noon, noon.Add(-time.Hour)
	r.Target.Name, r.Target.Platform = "orders", release.PlatformECSQueue
	r.Request = release.Request{Target: "orders", Revision: release.Revision{Image: "orders:release-42"}, StartedBy: "ecr push", Automatic: true}
	r.Revision = release.Revision{Image: "orders:release-42", Digest: "sha256:2222222222"}
	r.Baseline = release.Baseline{Serves: "sha256:1111111111", Summary: "orders:41 on 9 tasks, orders-canary:40 on 1"}
	r.Steps, r.Executions = []release.Step{{Weight: 10, Approval: release.Required}}, []release.ExecutionARN{execution}
	r.CanarySince = noon.Add(-50 * time.Minute)
	r.Decision = release.Decision{Next: release.NextRollback, Reason: release.ReasonVerdict, At: noon.Add(-45 * time.Minute), Sentence: "canary fails 3.1 % of 812 messages against 0.4 % of 7,306: at least 3.9 times as often; chance of a false alarm below 1 %"}
	if phase == release.Released {
		r.Decision = release.Decision{Next: release.NextPromote, At: noon.Add(-20 * time.Minute), Sentence: "2,114 canary messages; a failure rate 2 times the primary's is excluded (at most 1.4 times, 95 %)"}
	}
	r.Judgement = release.Judgement{Verdict: release.Inconclusive, Sentence: "96 canary messages so far; about 210 more (12 minutes at this rate) are needed to tell a doubled failure rate from chance"}
	if change != nil {
		change(r)
	}
	return r
}

func undecided(r *release.Release) { r.Decision = release.Decision{} }

func hookFailed(stage release.HookStage) func(*release.Release) {
	return func(r *release.Release) {
		r.Target.Hooks = []release.Hook{{Function: "arn:aws:lambda:eu-central-1:123456789012:function:announce", OnFailure: release.HookContinue}}
		r.Hooks = &release.HookRound{Stage: stage, Calls: []release.HookCall{{Status: release.HookFailed}}}
	}
}

// abandoned is what a person has given up.
func abandoned(r *release.Release) {
	r.Orders = []release.Order{{Verb: release.OrderAbandon, Who: "arn:aws:sts::123456789012:assumed-role/Lead/anna", Why: "the service is decommissioned", At: noon}}
	r.Made = []release.Made{{Kind: release.MadeDefinition, ID: "arn:aws:ecs:eu-central-1:123456789012:task-definition/orders:42", For: "canary"}}
}

// What serves now, why, what it cost, what to do, and where to look stand in everything that people get. All of it is kept
// in testdata/messages.golden, to be read as one reads it at night.
func TestWhatPeopleGet(t *testing.T) {
	all := map[string]string{}
	for name, c := range map[string]struct {
		r       *release.Release
		notice  release.Notice
		subject string
		says    []string
		toll    release.Toll
	}{
		"released": {
			r:       at(release.Released, func(r *release.Release) { r.Served.How = "10 of 10 tasks running" }),
			notice:  release.Notice{Kind: release.NoticeReleased},
			subject: "serin: orders released, nothing to do",
			says: []string{
				"orders serves sha256:22222222 since 12:00 UTC (10 of 10 tasks running).", "Why: 2,114 canary messages; a failure rate 2 times", "Nothing to do.",
				`serin start orders --undo r-0123456789ab --reason "..."`,
			},
		},
		"rolled back": {
			r:       at(release.RolledBack, nil),
			notice:  release.Notice{Kind: release.NoticeRolledBack},
			subject: "serin: orders rolled back, nothing to do",
			says: []string{
				"orders serves sha256:11111111 again since 12:00 UTC.", "Why: canary fails 3.1 % of 812 messages against 0.4 % of 7,306:", "Nothing to do.",
				"This revision will not start again by itself.", `serin start orders --image orders@sha256:2222222222 --retry --reason "..."`,
			},
		},
		"what it cost": {
			r: at(release.RolledBack, func(r *release.Release) {
				r.Served = release.Served{At: noon.Add(-2 * time.Minute), How: "10 of 10 tasks running"}
				r.Metrics.DeadLetters = release.Metric{Namespace: "AWS/SQS", Name: "ApproximateNumberOfMessagesVisible", Dimensions: []release.Dimension{{Name: "QueueName", Value: "orders-dlq"}}}
			}),
			notice:  release.Notice{Kind: release.NoticeRolledBack},
			toll:    release.Toll{Canary: release.Arm{Units: 1812, Failed: 25}, DeadLetters: &release.Backlog{Before: 2, Now: 5}},
			subject: "serin: orders rolled back, nothing to do",
			says: []string{
				"again since 11:58 UTC (10 of 10 tasks running).", "25 of 1,812 messages failed on the canary.",
				"In orders-dlq: 5 messages now, 2 before this release;",
			},
		},
		"a task definition": {
			r:       at(release.RolledBack, func(r *release.Release) { r.Request.Revision = release.Revision{TaskDefinition: "orders:43"} }),
			notice:  release.Notice{Kind: release.NoticeRolledBack},
			subject: "serin: orders rolled back, nothing to do",
			says:    []string{`serin start orders --task-definition orders:43 --retry --reason "..."`},
		},
		"a version": {
			r:       at(release.RolledBack, func(r *release.Release) { r.Request.Revision = release.Revision{Version: "8"} }),
			notice:  release.Notice{Kind: release.NoticeRolledBack},
			subject: "serin: orders rolled back, nothing to do",
			says:    []string{`serin start orders --version 8 --retry --reason "..."`},
		},
		"it gave way": {
			r: at(release.RolledBack, func(r *release.Release) {
				r.Decision.Reason, r.Decision.Sentence = release.ReasonSuperseded, "a newer release of orders waits"
			}),
			notice:  release.Notice{Kind: release.NoticeRolledBack},
			subject: "serin: orders gave way to a newer release, nothing to do",
			says:    []string{"serves sha256:11111111 again", "The newer release goes on by itself: serin watch orders"},
		},
		"somebody else's fault": {
			r: at(release.RolledBack, func(r *release.Release) {
				r.Decision.Reason, r.Decision.Sentence = release.ReasonForeign, "somebody else started a deployment of orders-canary"
			}),
			notice:  release.Notice{Kind: release.NoticeRolledBack},
			subject: "serin: orders rolled back, nothing to do",
			says:    []string{`Nothing speaks against this revision. To start it again: serin start orders --image orders@sha256:2222222222 --reason "..."`},
		},
		"held": {
			r: at(release.RolledBack, func(r *release.Release) {
				r.Decision.Reason, r.Decision.Sentence = release.ReasonInconclusive, "nobody could tell by the deadline of 3h: "+r.Judgement.Sentence
			}),
			notice:  release.Notice{Kind: release.NoticeRolledBack},
			subject: "serin: orders held and rolled back: nobody could tell",
			says:    []string{"serves sha256:11111111 again"},
		},
		"with a cleanup left": {
			r:       at(release.RolledBack, func(r *release.Release) { r.CleanupPending = "orders-canary:42" }),
			notice:  release.Notice{Kind: release.NoticeRolledBack},
			subject: "serin: orders rolled back, cleanup pending",
			says:    []string{"Left over and not in use: orders-canary:42.", "serin tries again for two days and a half"},
		},
		"released with a cleanup left": {
			r:       at(release.Released, func(r *release.Release) { r.CleanupPending = "orders-canary:42" }),
			notice:  release.Notice{Kind: release.NoticeReleased},
			subject: "serin: orders released, cleanup pending",
			says:    []string{"Left over and not in use: orders-canary:42."},
		},
		"a hook that failed after a rollback": {
			r:       at(release.RolledBack, hookFailed(release.AfterRollback)),
			notice:  release.Notice{Kind: release.NoticeRolledBack},
			subject: "serin: orders rolled back, a hook failed after it",
			says:    []string{"The rollback stands, but hook announce (after rollback) says FAILED."},
		},
		"a hook that failed and was not waited for": {
			r:       at(release.Released, hookFailed(release.AfterPromotion)),
			notice:  release.Notice{Kind: release.NoticeReleased},
			subject: "serin: orders released, a hook failed",
			says:    []string{"The release stands, but hook announce (after promotion) says FAILED.\nNothing to do."},
		},
		"a task that failed": {
			r: at(release.RolledBack, func(r *release.Release) {
				r.Stopped = []release.Stopped{{Task: "abc", Service: "orders-canary", At: noon, Why: "container worker ended with exit code 1", LogGroup: "/ecs/orders", LogStream: "worker/worker/abc"}}
			}),
			notice:  release.Notice{Kind: release.NoticeRolledBack},
			subject: "serin: orders rolled back, nothing to do",
			says: []string{
				"12:00:00 orders-canary abc: container worker ended with exit code 1.",
				"#logsV2:log-groups/log-group/$252Fecs$252Forders/log-events/worker$252Fworker$252Fabc",
			},
		},
		"an approval": {
			r: at(release.Baking, func(r *release.Release) {
				undecided(r)
				r.AskedSince, r.Target.Approvals = noon, release.Approvals{Expires: release.Duration(4 * time.Hour), OnExpiry: release.ExpiryRollback}
			}),
			notice:  release.Notice{Kind: release.NoticeWaiting, Text: "orders waits for an approval at 10 %"},
			subject: "serin: orders waits for your approval",
			says: []string{
				"10 % of the work goes to sha256:22222222, the rest to sha256:11111111.", "Seen so far: 96 canary messages so far; about 210 more", "serin approve orders", "serin reject orders",
				"Without an answer by 16:00 UTC it is rolled back.",
			},
		},
		"an approval that silence gives": {
			r: at(release.Baking, func(r *release.Release) {
				undecided(r)
				r.AskedSince, r.Target.Approvals = noon, release.Approvals{Expires: release.Duration(26 * time.Hour), OnExpiry: release.ExpiryPromote}
			}),
			notice:  release.Notice{Kind: release.NoticeWaiting, Text: "orders waits for an approval at 10 %"},
			subject: "serin: orders waits for your approval",
			says:    []string{"Without an answer by Tue 6 Jan, 14:00 UTC it goes on."},
		},
		"a hold": {
			r:       at(release.Baking, undecided),
			notice:  release.Notice{Kind: release.NoticeWaiting, Text: "orders is held at 10 % until Mon 5 Jan, 14:00 UTC, and rolled back then unless the evidence comes in before"},
			subject: "serin: orders needs you",
			says:    []string{"serin promote orders --now", "serin rollback orders", "Otherwise nothing is to be done."},
		},
		"an approval of what somebody started by hand": {
			r: at(release.Baking, func(r *release.Release) {
				undecided(r)
				r.AskedSince, r.Target.Approvals = noon, release.Approvals{Expires: release.Duration(4 * time.Hour)}
				r.Request.Automatic, r.Request.StartedBy = false, release.Hand
			}),
			notice:  release.Notice{Kind: release.NoticeWaiting, Text: "orders waits for two approvals at 10 %"},
			subject: "serin: orders waits for your approval",
			says:    []string{"serin approve orders", "Two people must approve"},
		},
		"a hold without data": {
			r: at(release.Baking, func(r *release.Release) {
				undecided(r)
				r.Judgement = release.Judgement{Verdict: release.NoData, Sentence: "no canary metric Orders/Processed{Service=orders-canary} since 11:10:00 UTC; is the canary publishing?"}
			}),
			notice:  release.Notice{Kind: release.NoticeWaiting, Text: "orders is held at 10 % until Mon 5 Jan, 14:00 UTC, and rolled back then unless the evidence comes in before"},
			subject: "serin: orders needs you",
			says:    []string{"serin promote orders --now --without-data --reason", "Seen so far: no canary metric"},
		},
		"an alarm": {
			r: at(release.RolledBack, func(r *release.Release) {
				r.Decision.Sentence = "alarm orders-dlq-not-empty went to ALARM at 11:14:10 and back to OK at 11:14:50 UTC; it was OK when the canary started"
			}),
			notice:  release.Notice{Kind: release.NoticeRolledBack},
			subject: "serin: orders rolled back, nothing to do",
			says:    []string{"Why: alarm orders-dlq-not-empty went to ALARM"},
		},
		"a person": {
			r: at(release.RolledBack, func(r *release.Release) {
				r.Decision.Reason, r.Decision.Sentence = release.ReasonPerson, "anna rolled the release back: customers complain"
			}),
			notice:  release.Notice{Kind: release.NoticeRolledBack},
			subject: "serin: orders rolled back, nothing to do",
			says:    []string{"Why: anna rolled the release back: customers complain."},
		},
		"dirty": {
			r:       at(release.Dirty, nil),
			notice:  release.Notice{Kind: release.NoticeDirty, Text: "service orders is gone"},
			toll:    release.Toll{Canary: release.Arm{Units: 100, Failed: 3}},
			subject: "serin: orders DIRTY: could not be rolled back",
			says: []string{
				"What serves now: nobody can say; sha256:11111111, sha256:22222222 or both.", "What is wrong: service orders is gone.", "What was there before: orders:41 on 9 tasks", "1. See what runs now:", "serin recover orders", "serin abandon orders", "Safe to leave until morning",
				"3 of 100 messages failed on the canary.",
			},
		},
		"abandoned": {
			r:       at(release.Abandoned, abandoned),
			notice:  release.Notice{Kind: release.NoticeAbandoned},
			subject: "serin: orders abandoned, its lock is free",
			says: []string{
				"Release r-0123456789ab of orders was Dirty, and is given up.", "Why: anna abandoned the release: the service is decommissioned.", "What was there before: orders:41 on 9 tasks",
				"The next release of orders records what serves when it starts, and goes back to that.", "aws ecs deregister-task-definition --task-definition arn:aws:ecs:eu-central-1:123456789012:task-definition/orders:42", "Key=serin:release,Values=r-0123456789ab",
			},
		},
		"an abandoned mirror": {
			r: at(release.Abandoned, func(r *release.Release) {
				abandoned(r)
				r.Made, r.Target.EC2Mirror = nil, &release.EC2Mirror{Temporary: "orders-canary"}
			}),
			notice:  release.Notice{Kind: release.NoticeAbandoned},
			subject: "serin: orders abandoned, its lock is free",
			says:    []string{"aws cloudformation delete-stack --stack-name orders-canary"},
		},
		"a name of another script": {
			r:       at(release.Released, func(r *release.Release) { r.Target.Name = "bestellungen-\u00fc\n" }),
			notice:  release.Notice{Kind: release.NoticeReleased},
			subject: "serin: bestellungen-?? released, nothing to do",
		},
		"a long name": {
			r: at(release.RolledBack, func(r *release.Release) {
				r.Target.Name = release.TargetName(strings.Repeat("a", 200))
				r.Decision.Reason = release.ReasonSuperseded
			}),
			notice:  release.Notice{Kind: release.NoticeRolledBack},
			subject: "serin: " + strings.Repeat("a", 46) + "... gave way to a newer release, nothing to do",
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, ok := place.Of(c.r, c.notice, c.toll)
			if !ok || m.Subject != c.subject {
				t.Errorf("subject %q, want %q", m.Subject, c.subject)
			}
			all[name] = fmt.Sprintf("== %s\nSubject: %s\n%s\n", name, m.Subject, m.Text)
			if len(m.Subject) > 99 { // SNS's own limit
				t.Errorf("the subject has %d characters", len(m.Subject))
			}
			links := []string{
				"Execution: https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/" + execution + "\n",
			}
			if report := "Report: https://eu-central-1.console.aws.amazon.com/s3/object/serin-reports?region=eu-central-1&prefix=reports"; c.notice.Kind != release.NoticeWaiting {
				links = append(links, report)
			} else if strings.Contains(m.Text, report) {
				t.Error("a report that does not exist yet")
			}
			for _, says := range append(c.says, links...) {
				if !strings.Contains(m.Text, says) {
					t.Errorf("does not say %q:\n%s", says, m.Text)
				}
			}
		})
	}
	all["where no function can be called any longer"] = lastCall(t)
	all["a push that is not released"] = refused(t)
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		text.WriteString(all[name])
	}
	golden.Text(t, "messages", text.String())
}

// pushRefused is a push that released nothing.
var pushRefused = release.Entry{
	Release: "r-0123456789ab", Target: "orders", Outcome: release.OutcomeRefused,
	Request:  release.Request{Target: "orders", Automatic: true, StartedBy: "ecr push", Revision: release.Revision{Image: "orders:release-42"}},
	Sentence: "alarms of orders: orders-dlq-not-empty is in ALARM before the release; a release does not start on a failing workload: repair it, or correct the alarm",
}

// refused is what people get of a push that released nothing.
func refused(t *testing.T) string {
	t.Helper()
	m := place.Refused(pushRefused, execution)
	for _, says := range []string{"is not released; what served goes on serving", "is in ALARM before the release", "serin start orders --image orders:release-42\n", execution} {
		if !strings.Contains(m.Text, says) {
			t.Errorf("does not say %q:\n%s", says, m.Text)
		}
	}
	return fmt.Sprintf("== a push that is not released\nSubject: %s\n%s\n", m.Subject, m.Text)
}

// lastCall is what the state machine itself sends when serin's functions fail for good.
func lastCall(t *testing.T) string {
	t.Helper()
	var machine struct {
		States map[string]struct {
			Parameters struct {
				Subject string
				Message string `json:"Message.$"`
			}
		}
	}
	if err := json.Unmarshal(definition.Release(), &machine); err != nil {
		t.Fatal(err)
	}
	call := machine.States["CallPerson"].Parameters
	if call.Subject == "" || len(call.Subject) > 99 || call.Message == "" {
		t.Errorf("nobody is called: %+v", call)
	}
	return fmt.Sprintf("== where no function can be called any longer\nSubject: %s\n%s\n", call.Subject, call.Message)
}

func TestLinksLeadToTheRightPartition(t *testing.T) {
	for partition, host := range map[string]string{
		"aws:states:eu-west-1": "https://eu-west-1.console.aws.amazon.com/", "aws-cn:states:cn-north-1": "https://cn-north-1.console.amazonaws.cn/",
		"aws-us-gov:states:us-gov-west-1": "https://us-gov-west-1.console.amazonaws-us-gov.com/", "aws-eusc:states:eusc-de-east-1": "https://eusc-de-east-1.console.amazonaws-eusc.eu/",
	} {
		m, _ := place.Of(at(release.Released, func(r *release.Release) {
			r.Executions = []release.ExecutionARN{release.ExecutionARN("arn:" + partition + ":123456789012:execution:serin:one")}
		}), release.Notice{Kind: release.NoticeReleased}, release.Toll{})
		if !strings.Contains(m.Text, host+"states/") {
			t.Errorf("%s: %s", partition, m.Text)
		}
	}
	for _, unknown := range [][]release.ExecutionARN{nil, {"arn:aws-iso:states:us-iso-east-1:123456789012:execution:serin:one"}} {
		m, _ := place.Of(at(release.Released, func(r *release.Release) { r.Executions = unknown }), release.Notice{Kind: release.NoticeReleased}, release.Toll{})
		if strings.Contains(m.Text, "http") {
			t.Errorf("a link without knowing where to: %s", m.Text)
		}
	}
}
