package rehearsal

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
)

// Several are executions in one account: of the plan's target, of other targets with services of their own, and of
// targets that name the same services as another one. Every change of a service is held to the lock of the release that
// makes it: two releases never change one resource at the same time.
type Several struct {
	Ledger *ledger.Ledger // past the door, for those who look on

	plan    *Plan
	account *Account
	worlds  map[release.TargetName]world.World
	clients map[release.TargetName]assembly.Workload
}

// Several builds an account with the plan's workload at work in it.
func (p *Plan) Several(seed uint64) (*Several, error) { return p.several(seed, false) }

func (p *Plan) several(seed uint64, keepCalls bool) (*Several, error) {
	a, err := p.account(seed, keepCalls, nil)
	if err != nil {
		return nil, err
	}
	s := &Several{plan: p, account: a, worlds: map[release.TargetName]world.World{}, clients: map[release.TargetName]assembly.Workload{}}
	s.know(p.Target, a.world)
	a.beside, a.known = s.clients, map[string]release.Target{}
	s.Ledger = a.serin.Ledger().Over(a.Table.Outside())
	return s, nil
}

func (s *Several) know(target release.Target, w world.World) {
	s.worlds[target.Name], s.clients[target.Name] = w, s.account.clients(w, s.plan.ThroughSDK)
}

// Add puts another target into the account, with a workload of its own like the plan's.
func (s *Several) Add(target release.Target) error {
	a := s.account
	build, err := worldOf(target.Platform)
	if err != nil {
		return err
	}
	w, err := build(world.Site{
		Account: accountID, Region: region, Loop: a.loop, CloudWatch: a.CloudWatch, SSM: a.SSM, Target: target, Scenario: s.plan.Scenario, Start: epoch,
	})
	if err != nil {
		return err
	}
	s.know(target, w)
	return s.Apply(target)
}

// Alias puts a target into the account that names the workload of another one.
func (s *Several) Alias(target release.Target, of release.TargetName) error {
	s.worlds[target.Name], s.clients[target.Name] = s.worlds[of], s.clients[of]
	return s.Apply(target)
}

// Apply writes a target to its parameter.
func (s *Several) Apply(target release.Target) error {
	parameter, err := targetfile.Marshal(target)
	if err == nil {
		s.account.SSM.Set(assembly.TargetParameter(target.Name), string(parameter))
		s.account.known[string(parameter)] = target
	}
	return err
}

// World is the workload of a target.
func (s *Several) World(target release.TargetName) world.World { return s.worlds[target] }

// Start starts an execution at a time after the rehearsal's beginning; name tells it from others. It returns the id of
// the release that it makes.
func (s *Several) Start(after time.Duration, target release.TargetName, name string, input map[string]any) release.ID {
	full := inputOf(target, input)
	s.account.loop.At(epoch.Add(after), func() { s.account.start(name, full) })
	return release.NewID(target, executionARN(name))
}

// inputOf is what an execution is started with: a trigger for a target.
func inputOf(target release.TargetName, trigger map[string]any) json.RawMessage {
	full := map[string]any{"target": target}
	maps.Copy(full, trigger)
	text, err := json.Marshal(full)
	if err != nil { // texts
		panic(err)
	}
	return text
}

// Stop stops an execution, as "Stop execution" in the console does.
func (s *Several) Stop(after time.Duration, name string) {
	s.account.loop.At(epoch.Add(after), func() {
		for _, e := range s.account.executions {
			if e.name == name {
				e.abort("", "a person pressed Stop execution")
			}
		}
	})
}

// Finish runs until every execution has ended, or for so long in virtual time. It returns the names of those that have not.
func (s *Several) Finish(most time.Duration) []string {
	for now := s.account.loop.Now(); now.Before(epoch.Add(most)); now = s.account.loop.Now() {
		s.account.loop.AdvanceTo(now.Add(time.Minute))
		if s.idle() {
			return nil
		}
	}
	var open []string
	for _, e := range s.account.executions {
		if e.end == nil {
			open = append(open, e.name)
		}
	}
	return open
}

// Advance runs to a time after the beginning.
func (s *Several) Advance(to time.Duration) { s.account.loop.AdvanceTo(epoch.Add(to)) }

// idle reports whether all executions have started and ended.
func (s *Several) idle() bool {
	for _, e := range s.account.executions {
		if e.end == nil {
			return false
		}
	}
	return len(s.account.executions) > 0
}

// End is the state in which an execution ended and what it said, empty where it has not.
func (s *Several) End(name string) (state, cause string) {
	for _, e := range s.account.executions {
		if e.name == name && e.end != nil {
			return e.end.State, e.end.Cause
		}
	}
	return "", ""
}

// Path are the states that an execution went through.
func (s *Several) Path(name string) []string {
	var path []string
	for _, e := range s.account.executions {
		for _, visit := range e.visits {
			if e.name == name {
				path = append(path, visit.State)
			}
		}
	}
	return path
}

// Close gives back what the account holds of the machine it runs on.
func (s *Several) Close() { s.account.door.Close() }

// Broken says which changes of a workload took effect while their release did not hold the lock.
func (s *Several) Broken() []string {
	var broken []string
	for _, m := range s.account.mutations {
		if !m.Held {
			broken = append(broken, fmt.Sprintf("%s: release %s did not hold its locks when %s took effect", m.At.Format(time.TimeOnly), m.Release, m.Action))
		}
	}
	return broken
}
