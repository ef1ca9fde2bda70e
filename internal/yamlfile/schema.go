package yamlfile

import (
	"bytes"
	"encoding/json"
)

// Schema is as much of JSON Schema (draft 2020-12) as the types need.
// https://json-schema.org/draft/2020-12
type Schema struct {
	Schema      string      `json:"$schema,omitempty"`
	Title       string      `json:"title,omitempty"`
	Description string      `json:"description,omitempty"`
	Type        string      `json:"type,omitempty"`
	Default     any         `json:"default,omitempty"`
	Enum        []string    `json:"enum,omitempty"`
	Pattern     string      `json:"pattern,omitempty"`
	MinLength   int         `json:"minLength,omitempty"`
	MaxLength   int         `json:"maxLength,omitempty"`
	Minimum     *float64    `json:"minimum,omitempty"`
	Maximum     *float64    `json:"maximum,omitempty"`
	Items       *Schema     `json:"items,omitempty"`
	MinItems    int         `json:"minItems,omitempty"`
	MaxItems    int         `json:"maxItems,omitempty"`
	Unique      bool        `json:"uniqueItems,omitempty"`
	Properties  properties  `json:"properties,omitempty"`
	Required    []string    `json:"required,omitempty"`
	OneOf       []*Schema   `json:"oneOf,omitempty"`
	Names       *Schema     `json:"propertyNames,omitempty"`
	MaxEntries  int         `json:"maxProperties,omitempty"`
	Additional  *additional `json:"additionalProperties,omitempty"`
}

// additional is a schema for entries with names of the user's own, or false.
type additional struct{ schema *Schema }

// MarshalJSON writes the schema, or false.
func (a additional) MarshalJSON() ([]byte, error) {
	if a.schema == nil {
		return []byte("false"), nil
	}
	return json.Marshal(a.schema)
}

type property struct {
	name   string
	schema *Schema
}

// properties keep the order of the table, which is the order of reading.
type properties []property

// MarshalJSON writes an object in the given order.
func (p properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, property := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		quoteJSON(&b, property.name)
		b.WriteByte(':')
		value, err := json.Marshal(property.schema)
		if err != nil {
			return nil, err
		}
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// JSONSchema returns the JSON Schema of files whose top is o, indented, with every description and default.
func (o *Object) JSONSchema(title, description string) ([]byte, error) {
	s := o.schema()
	s.Schema, s.Title, s.Description = "https://json-schema.org/draft/2020-12/schema", title, description
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(s)
	return b.Bytes(), err
}

func (o *Object) schema() *Schema {
	s := &Schema{Type: "object", Additional: &additional{}}
	for _, field := range o.Fields {
		value := field.Type.schema()
		value.Description = field.Doc + "."
		if field.Else != "" {
			value.Description += " Left out: " + field.Else + "."
		}
		switch field.Default.(type) {
		case nil:
		case Filled:
			value.Default = map[string]any{}
		default:
			value.Default = field.Default
		}
		s.Properties = append(s.Properties, property{field.Name, value})
		if field.Required {
			s.Required = append(s.Required, field.Name)
		}
	}
	for _, name := range o.OneOf {
		s.OneOf = append(s.OneOf, &Schema{Required: []string{name}})
	}
	return s
}

func (l *List) schema() *Schema {
	return &Schema{Type: "array", Items: l.Of.schema(), MinItems: l.Min, MaxItems: l.Max, Unique: l.Unique}
}

func (m *Map) schema() *Schema {
	return &Schema{Type: "object", Names: m.Keys.schema(), MaxEntries: m.Max, Additional: &additional{m.Of.schema()}}
}

func (t *Text) schema() *Schema {
	s := &Schema{Type: "string", Enum: t.OneOf, MaxLength: t.Max}
	if t.Pattern != nil {
		s.Pattern = t.Pattern.String()
	}
	if len(t.OneOf) == 0 {
		s.MinLength = 1
	}
	return s
}

func (t *Number) schema() *Schema {
	s := &Schema{Type: "number", Minimum: &t.Min, Maximum: &t.Max}
	if t.Whole {
		s.Type = "integer"
	}
	return s
}

func (Flag) schema() *Schema { return &Schema{Type: "boolean"} }
