// Command plain turns a synthesized stack into a template that wants neither the CDK nor its bootstrap stack:
//
//	plain STACK FOLDER OUT    cdk.out/Serin.template.json and its assets -> OUT/serin.template.json and OUT/*.zip
//
// The functions' code is named by its file, which `aws cloudformation package` uploads to a bucket of yours.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: plain STACK FOLDER OUT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "plain:", err)
		os.Exit(1)
	}
}

// assets is what the CDK says of a stack's files.
type assets struct {
	Files map[string]struct { // by hash
		DisplayName string `json:"displayName"` // "Releaser/DeployCanary/Code"
		Source      struct {
			Path string `json:"path"`
		} `json:"source"`
	} `json:"files"`
}

func run(stack, folder, out string) error {
	var template map[string]any
	if err := read(filepath.Join(folder, stack+".template.json"), &template); err != nil {
		return err
	}
	var known assets
	if err := read(filepath.Join(folder, stack+".assets.json"), &known); err != nil {
		return err
	}
	files, err := plain(template, known)
	if err != nil {
		return err
	}
	text, err := write(template)
	if err != nil {
		return err
	}
	target := filepath.Join(out, strings.ToLower(stack)+".template.json")
	if err := errors.Join(os.MkdirAll(out, 0o755), os.WriteFile(target, text, 0o644)); err != nil {
		return err
	}
	for name, source := range files {
		code, err := os.ReadFile(filepath.Join(folder, source))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, name), code, 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("%s and the code of %d functions\n", target, len(files))
	return nil
}

func read(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func write(template any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(template)
	return text.Bytes(), err
}

// plain takes out of a template what asks for the bootstrap stack, lets each function name its code's file, and returns
// those files: their names, and where the CDK has put them.
func plain(template map[string]any, known assets) (map[string]string, error) {
	drop(template, "Parameters", "BootstrapVersion")
	drop(template, "Rules", "CheckBootstrapVersion")
	files := map[string]string{}
	resources, _ := template["Resources"].(map[string]any)
	for id, item := range resources {
		resource, _ := item.(map[string]any)
		if resource["Type"] != "AWS::Lambda::Function" {
			continue
		}
		properties, _ := resource["Properties"].(map[string]any)
		code, _ := properties["Code"].(map[string]any)
		key, _ := code["S3Key"].(string)
		asset, ok := known.Files[strings.TrimSuffix(key, path.Ext(key))]
		if !ok {
			return nil, fmt.Errorf("%s has the code %v, which is no asset of the stack", id, properties["Code"])
		}
		name := path.Base(path.Dir(asset.DisplayName)) + path.Ext(key)
		if other, taken := files[name]; taken && other != asset.Source.Path {
			return nil, fmt.Errorf("two functions are named %s", name)
		}
		files[name], properties["Code"] = asset.Source.Path, name
	}
	if len(files) == 0 {
		return nil, errors.New("the stack has no function")
	}
	if text, err := write(template); err != nil || bytes.Contains(text, []byte("cdk-")) {
		return nil, errors.Join(err, errors.New("something of the template still asks for the CDK's bootstrap stack"))
	}
	return files, nil
}

// drop removes a part of a section, and the section when it is empty.
func drop(template map[string]any, section, name string) {
	parts, ok := template[section].(map[string]any)
	if !ok {
		return
	}
	if delete(parts, name); len(parts) == 0 {
		delete(template, section)
	}
}
