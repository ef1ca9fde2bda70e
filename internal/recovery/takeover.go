package recovery

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// Stop ends the execution that owns a release, and takes the release over. Where it cannot be ended, it is stale from
// then on and ends by itself at its next turn, which the story tells.
func (v *Recovery) Stop(ctx context.Context, r *release.Release, why string) error {
	if err := v.Executions.Stop(ctx, r.Owner(), cut("serin: "+why)); err != nil {
		why += fmt.Sprintf(" (the execution before could not be stopped: %v)", err)
	}
	return v.TakeOver(ctx, r, why)
}

// TakeOver makes a new execution the owner of a release and starts it, so that it brings the baseline back. From the
// first write on the execution before is stale: whatever it still does ends there.
//
// A Conflict means that nothing was done. After any other error the release has its new owner, and the sweep starts it.
func (v *Recovery) TakeOver(ctx context.Context, r *release.Release, why string) error {
	r.Recoveries++
	return v.replace(ctx, r, why)
}

// replace makes a new execution the owner of a release and starts it.
func (v *Recovery) replace(ctx context.Context, r *release.Release, why string) error {
	next := v.execution(name(r.ID, r.Epoch+1))
	r.Executions = append(r.Executions, next)
	r.Epoch++
	r.RecoveryAt = v.Now()
	text := fmt.Sprintf("execution %s takes over as epoch %d: %s", next, r.Epoch, why)
	if err := v.Ledger.Save(ctx, r, release.Event{At: v.Now(), Kind: release.EventProgress, Text: text}); err != nil {
		return err
	}
	return v.start(ctx, r, why)
}

// start starts the owner of a release.
func (v *Recovery) start(ctx context.Context, r *release.Release, why string) error {
	intent := release.IntentRecover
	if r.Leaves() {
		intent = release.IntentCleanup
	}
	input, err := json.Marshal(struct {
		Intent  release.Intent     `json:"intent"`
		Target  release.TargetName `json:"target"`
		Release release.ID         `json:"release"`
		Reason  string             `json:"reason"`
	}{intent, r.Target.Name, r.ID, cut(why)})
	if err != nil { // four texts
		panic(err)
	}
	return v.Executions.Start(ctx, v.Machine, name(r.ID, r.Epoch), input)
}

// name is that of the execution that owns a release in an epoch. It is the same however often it is started.
func name(id release.ID, epoch int) string { return fmt.Sprintf("%s-r%d", id, epoch) }

func (v *Recovery) execution(name string) release.ExecutionARN { return ExecutionOf(v.Machine, name) }

// ExecutionOf returns the ARN of an execution of a state machine by its name.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
func ExecutionOf(machine, name string) release.ExecutionARN {
	return release.ExecutionARN(strings.Replace(machine, ":stateMachine:", ":execution:", 1) + ":" + name)
}
