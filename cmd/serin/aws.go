package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/adopt"
	"github.com/serin-aws/serin/internal/remote"
)

// outside is what commands reach outside of the process: AWS, and the time.
type outside struct {
	connect func(context.Context, remote.Where, func() time.Time) (*remote.Account, error)
	workers func(context.Context, remote.Where) (adopt.Reader, error)
	now     func() time.Time
	wait    func(context.Context, time.Duration) error // the error is the context's
}

// theWorld is the one outside but for tests.
func theWorld() outside {
	return outside{connect: remote.Connect, workers: remote.Workers, now: func() time.Time { return time.Now().UTC() }, wait: wait}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// cloud are the flags that every command on AWS has.
type cloud struct {
	outside
	where  remote.Where
	output string
}

func (c *cloud) flags(command *cobra.Command) {
	command.GroupID = groupAWS
	flags := command.Flags()
	flags.StringVar(&c.where.Profile, "profile", "", "the `NAME` of a profile of the AWS configuration (default: AWS_PROFILE, then the standard chain)")
	flags.StringVar(&c.where.Region, "region", "", "the `REGION`, like eu-central-1 (default: AWS_REGION, then the profile's)")
	flags.StringVar(&c.where.Endpoint, "endpoint-url", "", "send every call to one `URL`: an emulator, or a private endpoint")
	outputFlag(command, &c.output)
	for _, name := range []string{"profile", "region", "endpoint-url"} {
		complete(command, name, cobra.ShellCompDirectiveNoFileComp)
	}
}

// account checks the flags and returns the account that they name.
func (c *cloud) account(ctx context.Context) (*remote.Account, error) {
	if err := checkOutput(c.output); err != nil {
		return nil, err
	}
	return c.connect(ctx, c.where, c.now)
}

// lookupTime is how long a shell waits for names when a person presses the tabulator.
const lookupTime = 3 * time.Second

// completeTargets offers the names of the targets for the first argument, as far as AWS tells them.
func (c *cloud) completeTargets(command *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(command.Context(), lookupTime)
	defer cancel()
	account, err := c.account(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	targets, err := account.Targets(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, target := range targets {
		names = append(names, string(target))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
