package main

import "github.com/spf13/cobra"

// targetFlag adds -f, the target's file, to a command that cannot do anything without it.
func targetFlag(command *cobra.Command, file *string) {
	command.Flags().StringVarP(file, "file", "f", "", "the target: a `FILE`, or - for standard input")
	complete(command, "file", cobra.ShellCompDirectiveFilterFileExt, fileTypes...)
	required(command, "file")
}

// outputFlag adds -o to a command that answers scripts, too.
func outputFlag(command *cobra.Command, output *string) {
	command.Flags().StringVarP(output, "output", "o", "text", "`FORMAT` of the answer: text, or json for scripts")
	complete(command, "output", cobra.ShellCompDirectiveNoFileComp, "text", "json")
}

func checkOutput(output string) error {
	if output != "text" && output != "json" {
		return usageError("--output is %q but must be text or json", output)
	}
	return nil
}

// complete says what a shell may offer for a flag.
func complete(command *cobra.Command, flag string, directive cobra.ShellCompDirective, values ...string) {
	if err := command.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, directive)); err != nil {
		panic(err) // the flag is the command's own
	}
}

// required marks flags without which a command cannot do anything.
func required(command *cobra.Command, names ...string) {
	for _, name := range names {
		if err := command.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is the command's own
		}
	}
}
