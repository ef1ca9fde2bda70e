package main

import (
	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/targetfile"
)

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [target|scenario]",
		Short: "Print the JSON Schema of target or scenario files",
		Long: `Print the JSON Schema (draft 2020-12) of target files, or of scenario files, with every default in it, for editors.
A YAML file names its schema in a first line like
  # yaml-language-server: $schema=target.schema.json`,
		Example: `  serin schema > target.schema.json
  serin schema scenario > scenario.schema.json`,
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"target", "scenario"},
		RunE: func(c *cobra.Command, args []string) error {
			schema := targetfile.Schema
			if len(args) == 1 && args[0] == "scenario" {
				schema = scenario.Schema
			}
			text, err := schema()
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(text)
			return err
		},
	}
}
