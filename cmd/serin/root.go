package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
	"github.com/serin-aws/serin/internal/yamlfile"
)

// The exit codes.
const (
	exitOK       = 0
	exitFailed   = 1 // the command did its work, and the answer is no; or something broke
	exitBadInput = 2 // wrong use, or a file that is wrong

	// How a release ended, of commands that wait for its end; 0 says that it is released, or was live already.
	exitRolledBack  = 3
	exitDirty       = 4
	exitNotReleased = 5 // refused, superseded by a newer one, or rejected by a person

	exitStopped = 130 // by Ctrl-C, as shells count it: 128 and the signal's number
)

// commands returns every command of serin. A new one goes into a file of its own and is named here.
func commands(o outside) []*cobra.Command {
	return []*cobra.Command{
		initCommand(o),
		applyCommand(o),
		startCommand(o),
		statusCommand(o),
		watchCommand(o),
		listCommand(o),
		historyCommand(o),
		approveCommand(o),
		rejectCommand(o),
		promoteCommand(o),
		rollbackCommand(o),
		stopCommand(o),
		overrideCommand(o),
		recoverCommand(o),
		abandonCommand(o),
		reportCommand(o),
		iamCommand(),
		proxyCommand(),
		rehearseCommand(),
		validateCommand(),
		judgeCommand(),
		planCommand(),
		schemaCommand(),
	}
}

// The groups of commands, as help lists them.
const (
	groupHere = "here"
	groupAWS  = "aws"
)

func root(o outside) *cobra.Command {
	root := &cobra.Command{
		Use:   "serin",
		Short: "Canary releases on AWS",
		Long: `serin gives a new version of a workload a small share of its work, watches it, and then promotes it or brings back
exactly what served before.

Exit codes: 0 yes; 1 no, or it failed; 2 wrong use, or a wrong file. Of a command that waits for a release: 0 released, or
nothing to release; 3 rolled back; 4 dirty, or abandoned after that; 5 refused, superseded or rejected. 130 stopped by Ctrl-C.`,
		Example: `  serin validate target.yaml
  serin rehearse -f target.yaml --scenario bad.yaml --report bad.html
  serin judge --minutes history.csv
  serin apply -f target.yaml --dry-run
  serin start orders-worker --image orders-worker:release-42 --wait
  serin watch orders-worker
  serin schema > target.schema.json
  source <(serin completion bash)`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddGroup(&cobra.Group{ID: groupAWS, Title: "On AWS:"}, &cobra.Group{ID: groupHere, Title: "On this machine, without AWS:"})
	root.AddCommand(commands(o)...)
	for _, command := range root.Commands() {
		if command.GroupID == "" {
			command.GroupID = groupHere
		}
	}
	return root
}

// version is the module's, as the Go toolchain stamped it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func execute(root *cobra.Command, args []string, in io.Reader, out, errOut io.Writer) int {
	started := false // an error before any command has started is a wrong use
	for _, command := range root.Commands() {
		if do := command.RunE; do != nil {
			command.RunE = func(c *cobra.Command, args []string) error {
				started = true
				return do(c, args)
			}
		}
	}
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	strict(root)
	command, err := root.ExecuteContextC(context.Background())
	switch {
	case err == nil:
		return exitOK
	case !started:
		fmt.Fprintf(errOut, "serin: %s\nSee %s --help\n", wrongUse(err), command.CommandPath())
		return exitBadInput
	}
	show(errOut, err)
	return exitCode(err)
}

// wrongUse says what is wrong with how a command was called. What parsers and the library of commands say is not for people.
func wrongUse(err error) string {
	if names, found := strings.CutPrefix(err.Error(), "required flag(s) "); found {
		names = strings.TrimSuffix(strings.ReplaceAll(names, `"`, ""), " not set")
		return "--" + strings.Join(strings.Split(names, ", "), " and --") + " must be given"
	}
	if what, like, found := strings.Cut(err.Error(), "\n\nDid you mean this?\n"); found {
		return what + "; did you mean " + strings.Join(strings.Fields(like), " or ") + "?"
	}
	wrong, ok := errors.AsType[*pflag.InvalidValueError](err)
	if _, parsed := errors.AsType[*strconv.NumError](err); !ok || !parsed {
		return strings.TrimSpace(err.Error())
	}
	wanted := "a number"
	switch kind := wrong.GetFlag().Value.Type(); {
	case kind == "bool":
		wanted = "true or false"
	case strings.HasPrefix(kind, "uint"):
		wanted = "a whole number, not below 0,"
	case strings.HasPrefix(kind, "int"):
		wanted = "a whole number"
	}
	if errors.Is(err, strconv.ErrRange) {
		return fmt.Sprintf("--%s %s: the number is too large", wrong.GetFlag().Name, wrong.GetValue())
	}
	return fmt.Sprintf("--%s %q: %s is wanted", wrong.GetFlag().Name, wrong.GetValue(), wanted)
}

// show writes an error. Problems of files begin with their place, as editors and people look for it.
func show(errOut io.Writer, err error) {
	if problems, ok := errors.AsType[yamlfile.Problems](err); ok {
		fmt.Fprintln(errOut, problems)
		return
	}
	if _, ok := errors.AsType[ending](err); ok { // it was told already
		return
	}
	fmt.Fprintf(errOut, "serin: %v\n", err)
	if remote.LoggedOut(err) {
		fmt.Fprintln(errOut, "Log in again (aws sso login, or new keys) and give the command again; a release goes on by itself meanwhile.")
	}
}

// badInput are the codes of errors that only another input can mend.
var badInput = []release.Code{release.Invalid, release.Forbidden, release.NotFound, release.Unstable}

func exitCode(err error) int {
	if errors.Is(err, errStopped) || errors.Is(err, errLeft) {
		return exitStopped
	}
	if end, ok := errors.AsType[ending](err); ok {
		return int(end)
	}
	if slices.Contains(badInput, release.CodeOf(err)) {
		return exitBadInput
	}
	return exitFailed
}
