package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/serin-aws/serin/internal/golden"
)

// docs/commands.md says what --help says: it is written by this test with -update.
func TestCommandsDocument(t *testing.T) {
	golden.File(t, "../../docs/commands.md", commandsDocument(root(theWorld())))
}

// commandsDocument is the help of all commands as one page.
func commandsDocument(root *cobra.Command) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# The commands\n\nWhat `serin help` says, on one page; written by `go test ./cmd/serin -run TestCommandsDocument -update`.\n\n%s\n", paragraphs(root.Long))
	for _, group := range root.Groups() {
		fmt.Fprintf(&b, "\n## %s\n\n", strings.TrimSuffix(group.Title, ":"))
		for _, command := range root.Commands() {
			if command.GroupID == group.ID {
				fmt.Fprintf(&b, "- [`serin %s`](#serin-%s): %s\n", command.Name(), command.Name(), lower(command.Short))
			}
		}
		if group.ID == groupAWS {
			fmt.Fprintf(&b, "\nEvery one of them has these flags:\n\n```\n%s```\n", flagsOf(root.Commands(), group.ID))
		}
		for _, command := range root.Commands() {
			if command.GroupID == group.ID {
				document(&b, command)
			}
		}
	}
	return b.Bytes()
}

func document(b *bytes.Buffer, command *cobra.Command) {
	fmt.Fprintf(b, "\n### serin %s\n\n```\n%s\n```\n\n%s\n\n```\n%s\n```\n", command.Name(), command.UseLine(), paragraphs(command.Long), strings.ReplaceAll(strings.TrimPrefix(command.Example, "  "), "\n  ", "\n"))
	own := pflag.NewFlagSet(command.Name(), pflag.ContinueOnError)
	command.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "help" && !(command.GroupID == groupAWS && shared(f.Name)) {
			own.AddFlag(f)
		}
	})
	if own.HasFlags() {
		fmt.Fprintf(b, "\n```\n%s```\n", own.FlagUsagesWrapped(120))
	}
}

// flagsOf returns the flags that all commands of a group have.
func flagsOf(commands []*cobra.Command, group string) string {
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	for _, command := range commands {
		if command.GroupID == group && !own.HasFlags() {
			command.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
				if shared(f.Name) {
					own.AddFlag(f)
				}
			})
		}
	}
	return own.FlagUsagesWrapped(120)
}

func shared(flag string) bool {
	switch flag {
	case "profile", "region", "endpoint-url", "output":
		return true
	}
	return false
}

// paragraphs is a help's text as Markdown: what is indented stands as it is.
func paragraphs(text string) string {
	parts := strings.Split(text, "\n\n")
	for i, part := range parts {
		if strings.Contains("\n"+part, "\n  ") {
			head, rest, _ := strings.Cut("\n"+part, "\n  ")
			parts[i] = strings.TrimSpace(head) + "\n\n```\n  " + rest + "\n```"
			parts[i] = strings.TrimPrefix(parts[i], "\n\n")
		}
	}
	return strings.ReplaceAll(strings.Join(parts, "\n\n"), "RELEASE is", "`RELEASE` is")
}

func lower(text string) string { return strings.ToLower(text[:1]) + text[1:] }

// Every command of AWS speaks of its exit codes, takes the same flags, and completes what it can.
func TestEveryCommandOnAWS(t *testing.T) {
	n := 0
	for _, command := range root(theWorld()).Commands() {
		if command.GroupID != groupAWS {
			continue
		}
		n++
		for _, flag := range []string{"profile", "region", "endpoint-url", "output"} {
			if command.Flag(flag) == nil {
				t.Errorf("serin %s has no --%s", command.Name(), flag)
			}
		}
		if !strings.Contains(command.Long, "Exit codes: ") || command.Example == "" || command.ValidArgsFunction == nil {
			t.Errorf("serin %s lacks its exit codes, an example, or completion", command.Name())
		}
		for line := range strings.Lines(command.Long + "\n" + command.Example) {
			if len(line) > 125 {
				t.Errorf("serin %s has a line of %d characters: %s", command.Name(), len(line), line)
			}
		}
	}
	if n < 14 {
		t.Errorf("only %d commands were looked at", n)
	}
}
