package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
	"github.com/serin-aws/serin/internal/screen"
	"github.com/serin-aws/serin/internal/story"
)

// lookEvery is how often a release is looked at.
const lookEvery = 5 * time.Second

// lookLimit is how long one look may take, with the SDK's own attempts in it.
const lookLimit = 30 * time.Second

// patience is how often in a row AWS may fail for a moment before whoever waits is told so and left alone.
const patience = 24

// ending is how a release ended, as the exit code of a command that waited for it.
type ending int

// Error says what the exit code means.
func (e ending) Error() string {
	return map[ending]string{exitRolledBack: "rolled back", exitDirty: "dirty", exitNotReleased: "not released"}[e]
}

// endingOf returns nil for a release that serves.
func endingOf(told story.Story) error {
	order, ordered := told.Release.OrderedHome()
	switch told.Outcome {
	case release.OutcomeReleased, release.OutcomeNothing:
		return nil
	case release.OutcomeDirty, release.OutcomeAbandoned:
		return ending(exitDirty)
	case release.OutcomeRefused:
		return ending(exitNotReleased)
	}
	if told.Release.Decision.Reason == release.ReasonSuperseded || ordered && order.Verb == release.OrderReject {
		return ending(exitNotReleased)
	}
	return ending(exitRolledBack)
}

// follow looks at one release, once or again and again.
type follow struct {
	cloud
	account *remote.Account
	ref     remote.Reference
}

// find finds the release that a person names.
func (f *follow) find(ctx context.Context, name string) error {
	var err error
	if f.account, err = f.cloud.account(ctx); err != nil {
		return err
	}
	return limited(ctx, func(ctx context.Context) error {
		f.ref, err = f.account.Find(ctx, name)
		return err
	})
}

// read tells the story as the ledger has it now.
func (f *follow) read(ctx context.Context) (told story.Story, err error) {
	err = limited(ctx, func(ctx context.Context) error {
		told, err = f.account.Read(ctx, f.ref)
		return err
	})
	return told, err
}

// limited looks at AWS for as long as one look may take. AWS that does not answer at all is an error that may pass.
func limited(ctx context.Context, look func(context.Context) error) error {
	within, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	err := look(within)
	if err == nil || within.Err() == nil || ctx.Err() != nil {
		return err
	}
	return release.Errorf(release.Unavailable, "", "AWS has not answered within %s", lookLimit)
}

// measured tells the story with the workload's own metrics. What cannot be read of them is missing from the story, and
// no error.
func (f *follow) measured(ctx context.Context) (story.Story, error) {
	told, err := f.read(ctx)
	if err != nil {
		return told, err
	}
	err = limited(ctx, func(ctx context.Context) error {
		f.account.Measure(ctx, &told)
		return nil
	})
	return told, err
}

// wait tells what happens, a line each, until the release has ended. Its error is the ending.
func (f *follow) wait(ctx context.Context, out, errOut io.Writer) error {
	lines := out
	if f.output == "json" {
		lines = errOut // the answer is for the script, what happens for the log
	}
	told, err := f.lines(ctx, lines, errOut)
	if err != nil {
		return err
	}
	f.account.Measure(ctx, &told)
	switch {
	case f.output == "json":
		err = printJSON(out, f.standing(told))
	case told.Release.ID != "": // of one that was never opened the last line says it all
		_, err = fmt.Fprintf(out, "\n%s", screen.Summary(told, "", width(out), colourful(out)))
	}
	if err != nil {
		return err
	}
	return endingOf(told)
}

// lines prints what happens until the release is over.
func (f *follow) lines(ctx context.Context, out, errOut io.Writer) (story.Story, error) {
	var before story.Story
	failed := 0
	for {
		now, err := f.read(ctx)
		switch {
		case err != nil && passing(err) && failed < patience:
			failed++
			fmt.Fprintf(errOut, "serin: %s; looking again in %s\n", story.Plain(awserr.Cause(err)), lookEvery)
		case err != nil:
			return now, err
		default:
			failed = 0
			for _, line := range screen.Lines(before, now) {
				if _, err := fmt.Fprintln(out, line); err != nil {
					return now, err
				}
			}
			if now.Over() {
				return now, nil
			}
			before = now
		}
		if err := f.cloud.wait(ctx, lookEvery); err != nil {
			return before, err
		}
	}
}

// passing reports whether an error may be over in a moment.
func passing(err error) bool {
	return release.ClassOf(release.CodeOf(err)) == release.ClassRetry && !remote.LoggedOut(err)
}

// timestamp is a time for scripts; empty where there is none.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
