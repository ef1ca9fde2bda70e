package assembly

import (
	"context"

	"github.com/go-json-experiment/json"

	"github.com/serin-aws/serin/events"
	"github.com/serin-aws/serin/internal/entry"
	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/recovery"
	"github.com/serin-aws/serin/internal/telling"
)

// Operate returns the handler of the function operate.
func (s *Serin) Operate() entry.Function[operate.Answer] {
	verb := s.operate()
	return entry.Raw(func(ctx context.Context, event []byte) (operate.Answer, error) {
		var call operate.Call
		if err := json.Unmarshal(event, &call, json.RejectUnknownMembers(true)); err != nil {
			return operate.Answer{}, operate.NoRunbook("it names no execution of a runbook, and nothing else is taken (%v)", err)
		}
		in, answer, err := verb.Handle(ctx, call)
		s.log.InfoContext(ctx, "order", "target", in.Target, "verb", in.Verb, "who", in.Who, "id", in.ID, "execution", call.Execution, "release", answer.Release, "refused", text(err))
		return answer, err
	}, s.log)
}

func (s *Serin) operate() *operate.Operate {
	notifier := s.notifier()
	notifier.toll = nil // it may look into no workload
	return &operate.Operate{
		Ledger: s.ledger, Recoverer: s.recovery(), Overrides: s.ledger, Runbooks: runbooks{s.core.Runbooks}, Executions: starts{s}, Notifier: notifier, Now: s.runtime.Now,
	}
}

// Recovered is what the function recover answers.
type Recovered struct {
	Note string `json:"note"`
}

// Recover returns the handler of the function recover.
func (s *Serin) Recover() entry.Function[Recovered] {
	verb := s.recovery()
	return entry.Raw(func(ctx context.Context, event []byte) (Recovered, error) {
		hint, err := events.DecodeHint(event, s.settings.Machine)
		if err != nil {
			return Recovered{}, err
		}
		var note string
		if hint.Sweep {
			note, err = s.sweep(ctx, verb)
		} else {
			note, err = verb.Ended(ctx, hint.Execution)
		}
		s.log.InfoContext(ctx, "looked", "sweep", hint.Sweep, "execution", hint.Execution, "note", note, "error", text(err))
		return Recovered{Note: note}, err
	}, s.log)
}

// sweep lets recovery look at all releases, and tells CloudWatch for how many a cleanup is pending.
func (s *Serin) sweep(ctx context.Context, verb *recovery.Recovery) (string, error) {
	note, pending, err := verb.Sweep(ctx)
	if pending > 0 && s.metrics != nil {
		if _, err := s.metrics.Write(telling.Pending(pending, s.runtime.Now())); err != nil {
			s.log.WarnContext(ctx, "the metric of pending cleanups is lost", "pending", pending, "error", err.Error())
		}
	}
	return note, err
}

func (s *Serin) recovery() *recovery.Recovery {
	return &recovery.Recovery{
		Ledger: s.ledger, Executions: executions{s.core.StepFunctions}, Notifier: s.notifier(), Decode: s.decode,
		Machine: s.settings.Machine, Now: s.runtime.Now,
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
