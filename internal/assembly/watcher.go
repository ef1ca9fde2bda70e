package assembly

import (
	"context"

	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/hook"
	"github.com/serin-aws/serin/internal/imagegate"
	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/observe"
	"github.com/serin-aws/serin/internal/release"
)

// watcher joins what CloudWatch knows and what the judge makes of it.
type watcher struct {
	observer *observe.Observer
	sitting  *judge.Sitting
}

// watcher returns the watcher of a target. It only ever looks.
func (s *Serin) watcher(ctx context.Context, target release.Target, id release.ID) (conductor.Watcher, error) {
	clients, err := s.accounts(ctx, target, id, Look)
	if err != nil {
		return nil, err
	}
	return watcher{observe.New(clients.CloudWatch, s.runtime.Now), &s.sitting}, nil
}

// toll counts what a release cost the work.
func (s *Serin) toll(ctx context.Context, r *release.Release) (release.Toll, error) {
	clients, err := s.accounts(ctx, r.Target, r.ID, Look)
	if err != nil {
		return release.Toll{}, err
	}
	return observe.New(clients.CloudWatch, s.runtime.Now).Toll(ctx, r)
}

// gate returns what keeps out images that a target does not want. It only ever looks.
func (s *Serin) gate(ctx context.Context, target release.Target, id release.ID) (conductor.Gate, error) {
	clients, err := s.accounts(ctx, target, id, Look)
	if err != nil {
		return nil, err
	}
	return imagegate.New(clients.Scans), nil
}

// hooks returns what calls the functions that a target names, with one of the target's roles.
func (s *Serin) hooks(access Access) conductor.For[conductor.Hooks] {
	return func(ctx context.Context, target release.Target, id release.ID) (conductor.Hooks, error) {
		clients, err := s.accounts(ctx, target, id, access)
		if err != nil {
			return nil, err
		}
		return hook.New(clients.Hooks), nil
	}
}

// Firing returns the configured alarms that are in ALARM now.
func (w watcher) Firing(ctx context.Context, target release.Target) ([]string, error) {
	alarms, err := w.observer.Preflight(ctx, target)
	if err != nil {
		return nil, err
	}
	var firing []string
	for _, alarm := range alarms {
		if alarm.State == judge.InAlarm {
			firing = append(firing, alarm.Name)
		}
	}
	return firing, nil
}

// Reference returns what is normal before a release.
func (w watcher) Reference(ctx context.Context, target release.Target, metrics release.Metrics) (release.Reference, error) {
	return w.observer.Reference(ctx, target, metrics)
}

// Look judges all evidence since the canary's start.
func (w watcher) Look(ctx context.Context, r *release.Release, s release.Sighting) (release.Judgement, error) {
	evidence, err := w.observer.Evidence(ctx, r, s)
	if err != nil {
		return release.Judgement{}, err
	}
	return w.sitting.Judge(evidence)
}
