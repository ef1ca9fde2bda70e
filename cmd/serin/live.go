package main

import (
	"context"
	"os"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/serin-aws/serin/internal/rehearsal"
	"github.com/serin-aws/serin/internal/screen"
)

// frames is how often the live view is drawn anew, a second.
const frames = 10

// live shows a rehearsal in a terminal, at the wanted speed. A person may leave the view; the rehearsal goes on.
func (r *rehearse) live(ctx context.Context, run *rehearsal.Run, out *os.File) error {
	speed := r.speed
	if speed == 0 {
		speed = quick
	}
	program := tea.NewProgram(screen.NewModel(colourful(out)), tea.WithContext(ctx), tea.WithOutput(out))
	failed := make(chan error, 1)
	go func() {
		failed <- follow(ctx, run, program, time.Duration(speed*float64(time.Second)/frames))
		program.Quit()
	}()
	final, err := program.Run()
	if model, ok := final.(screen.Model); ok && model.Left() {
		return nil
	}
	if err != nil {
		return err
	}
	return <-failed
}

// follow advances the rehearsal a frame at a time and sends what is to be seen.
func follow(ctx context.Context, run *rehearsal.Run, program *tea.Program, frame time.Duration) error {
	ticker := time.NewTicker(time.Second / frames)
	defer ticker.Stop()
	for !run.Over() {
		run.Advance(frame)
		told, err := run.Story(ctx)
		if err != nil {
			return err
		}
		program.Send(screen.Show{Story: told, Now: run.Now()})
		<-ticker.C
	}
	return nil
}
