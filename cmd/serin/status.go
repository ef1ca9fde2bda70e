package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/screen"
	"github.com/serin-aws/serin/internal/story"
)

func statusCommand(o outside) *cobra.Command {
	f := follow{cloud: cloud{outside: o}}
	var waits bool
	command := &cobra.Command{
		Use:   "status RELEASE",
		Short: "Say how it stands with a release",
		Long: `Say what serves now, whether it is all right, what happens next and what you can do.

RELEASE is a release's id, an execution's ARN, or a target's name: its open release, or else its latest. A release that
was started moments ago, or that was refused, may be known by its execution only.

With --wait every event is a line until the release has ended.

Exit codes: 0 told. With --wait: 0 released, or nothing to release because the revision served already; 3 rolled back;
4 dirty, a person is needed, or has abandoned it; 5 refused, superseded by a newer release, or rejected by a person.
1 AWS said no; 2 wrong use, or no such release.`,
		Example: `  serin status orders-worker
  serin status r-7f3c2a9b0d1e --wait
  serin status orders-worker -o json | jq -r .sentence`,
		Args: one("RELEASE"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.find(c.Context(), args[0]); err != nil {
				return err
			}
			if waits {
				return f.wait(c.Context(), c.OutOrStdout(), c.ErrOrStderr())
			}
			return f.status(c.Context(), c.OutOrStdout())
		},
	}
	command.Flags().BoolVar(&waits, "wait", false, "wait for the end and return how it was")
	f.flags(command)
	command.ValidArgsFunction = f.completeTargets
	return command
}

// status tells how it stands now.
func (f *follow) status(ctx context.Context, out io.Writer) error {
	told, err := f.measured(ctx)
	if err != nil {
		return err
	}
	return f.tell(out, told)
}

// tell writes how it stands with a release.
func (f *follow) tell(out io.Writer, told story.Story) error {
	if f.output == "json" {
		return printJSON(out, f.standing(told))
	}
	_, err := io.WriteString(out, screen.View(told, f.now(), width(out), colourful(out)))
	return err
}

// standing says how it stands, for scripts.
type standing struct {
	Release    release.ID             `json:"release"`
	Target     release.TargetName     `json:"target"`
	Outcome    release.Outcome        `json:"outcome"` // open, released, rolledBack, held, dirty, abandoned, refused, nothing
	Opened     bool                   `json:"opened"`  // false: it waits, is being prepared, or was not started
	Phase      release.Phase          `json:"phase,omitempty"`
	Since      string                 `json:"since,omitempty"` // of the phase
	Step       int                    `json:"step,omitempty"`  // from 1
	Steps      int                    `json:"steps,omitempty"`
	Weight     *weight                `json:"weight,omitempty"`
	Verdict    string                 `json:"verdict,omitempty"` // of the latest look
	Sentence   string                 `json:"sentence"`          // how it stands and why
	Next       string                 `json:"next,omitempty"`    // what happens next, and when
	Serves     string                 `json:"serves"`
	Revision   release.Revision       `json:"revision"`
	Baseline   string                 `json:"baseline,omitempty"`
	StartedBy  string                 `json:"startedBy,omitempty"`
	Reason     release.Reason         `json:"reason,omitempty"` // why it was rolled back
	Began      string                 `json:"began,omitempty"`
	Ended      string                 `json:"ended,omitempty"`
	NextLook   string                 `json:"nextLook,omitempty"`
	Approval   bool                   `json:"approval"` // it asks a person
	Cleanup    string                 `json:"cleanupPending,omitempty"`
	Actions    []screen.Action        `json:"actions"` // what a person can do
	Executions []release.ExecutionARN `json:"executions,omitempty"`
	Missing    []string               `json:"missing"` // what could not be read
}

// weight is the canary's share of the work, in percent, and who does it.
type weight struct {
	Set     release.Weight  `json:"set"`
	Seen    release.Percent `json:"seen"`
	Canary  release.Units   `json:"canary"`
	Primary release.Units   `json:"primary"`
}

func (f *follow) standing(told story.Story) standing {
	r := &told.Release
	s := standing{
		Release: f.ref.Release, Target: r.Target.Name, Outcome: told.Outcome, Opened: r.ID != "", Sentence: told.Sentence, Serves: told.Serves,
		Revision: r.Revision, Baseline: r.Baseline.Serves, StartedBy: r.Request.StartedBy, Reason: r.Decision.Reason, Began: timestamp(r.Opened),
		Approval: r.Asks(), Cleanup: r.CleanupPending, Executions: r.Executions,
		Actions: append([]screen.Action{}, screen.Actions(told)...), Missing: append([]string{}, told.Missing...),
	}
	if !s.Opened {
		if f.ref.Execution != "" {
			s.Executions = []release.ExecutionARN{f.ref.Execution}
		}
		return s
	}
	s.Next = screen.Next(told, f.now())
	s.Phase, s.Since, s.Step, s.Steps = r.Phase, timestamp(r.Since), min(r.Step+1, len(r.Steps)), len(r.Steps)
	if r.Phase.Final() {
		s.Ended = timestamp(r.Since)
	}
	if look, ok := told.LastLook(); ok {
		s.Verdict, s.NextLook = look.Judgement.Verdict.String(), timestamp(look.NextLook)
		s.Weight = &weight{Set: story.Step(r).Weight, Seen: look.Weight, Canary: look.Canary, Primary: look.Primary}
	}
	return s
}
