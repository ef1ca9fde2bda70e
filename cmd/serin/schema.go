package main

import (
	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/events"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/targetfile"
)

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [target|scenario|event|ledger]",
		Short: "Print the JSON Schema of target files, scenario files, events or the ledger",
		Long: `Print the JSON Schema (draft 2020-12) of target files, or of scenario files, with every default in it, for editors; or of the
detail of the events that serin puts on EventBridge (source "serin"); or of the items of the ledger's table, for whoever reads
it beside serin: what may stand in each field, in which unit, and what it means.
A YAML file names its schema in a first line like
  # yaml-language-server: $schema=target.schema.json

Exit codes: 0 printed; 2 wrong use.`,
		Example: `  serin schema > target.schema.json
  serin schema scenario > scenario.schema.json
  serin schema event > release.schema.json
  serin schema ledger > ledger.schema.json`,
		Args:      atMostOne("schema", "target", "scenario", "event", "ledger"),
		ValidArgs: []string{"target", "scenario", "event", "ledger"},
		RunE: func(c *cobra.Command, args []string) error {
			schema := map[string]func() ([]byte, error){"target": targetfile.Schema, "scenario": scenario.Schema, "event": events.Schema, "ledger": ledger.Schema}
			what := "target"
			if len(args) == 1 {
				what = args[0]
			}
			text, err := schema[what]()
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(text)
			return err
		},
	}
}
