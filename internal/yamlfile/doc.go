// Package yamlfile reads the files that people write - YAML, or the same as JSON - strictly and with positions.
//
// A table of types (Object, List, Text, Number, ...) says what may stand where, what it means and what a field is when
// it is left out. The one table serves reading, defaults, the effective file and the JSON Schema, so that they cannot
// disagree. Mistakes come all at once, each as "file:line:column: path is X but must be Y". Where to look:
//
//	file.go     Read: text -> File; File holds the values, their places and the problems found
//	yaml.go     YAML -> nodes; no anchors, aliases, merge keys, tags or further documents
//	json.go     JSON -> nodes, and nodes -> JSON
//	node.go     one value with its place; path.go how a place within a file is named
//	types.go    Object: what may stand where; lists.go List and Map
//	scalars.go  Text, Number, Flag
//	quote.go    what an error says of a value, and which known name an unknown one resembles
//	problem.go  one mistake, and all of them
//	schema.go   the table as JSON Schema
//	write.go    values -> YAML, for people
package yamlfile
