package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// one takes exactly one argument, named as the command's help names it; one of the choices, where there are any.
func one(name string, choices ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageError("%s is missing", choice(name, choices))
		}
		return atMostOne(name, choices...)(c, args)
	}
}

// atMostOne takes one argument or none.
func atMostOne(name string, choices ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) > 1:
			return usageError("one %s is wanted, but %s was given, too", name, quoted(args[1:]))
		case len(args) == 1 && len(choices) > 0 && !slices.Contains(choices, args[0]):
			return usageError("%s is %q but must be %s", name, args[0], choice(name, choices))
		}
		return nil
	}
}

// none takes flags only.
func none(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError("%s is not understood: everything is given by flags", quoted(args))
	}
	return nil
}

func choice(name string, choices []string) string {
	switch len(choices) {
	case 0:
		return name
	case 1:
		return choices[0]
	}
	return strings.Join(choices[:len(choices)-1], ", ") + " or " + choices[len(choices)-1]
}

func quoted(words []string) string { return `"` + strings.Join(words, " ") + `"` }

// strict makes the library's own commands refuse what they do not know, instead of printing help and exiting with 0.
func strict(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, command := range root.Commands() {
		switch command.Name() {
		case "help":
			command.Args = func(_ *cobra.Command, args []string) error {
				_, _, err := root.Find(args)
				return err
			}
		case "completion":
			command.Args = atMostOne("shell", "bash", "fish", "powershell", "zsh")
			command.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		}
	}
}
