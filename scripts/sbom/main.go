// Command sbom writes what programs are built from, as a CycloneDX bill of materials:
//
//	sbom OUT PROGRAM...
//
// It asks the programs themselves: the Go toolchain stamps every module and its version into what it builds. There is no
// time and no random number in it, so the same programs give the same file.
package main

import (
	"debug/buildinfo"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/CycloneDX/cyclonedx-go"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: sbom OUT PROGRAM...")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(out string, programs []string) (err error) {
	bom, err := billOf(programs)
	if err != nil {
		return err
	}
	file, err := os.Create(out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return cyclonedx.NewBOMEncoder(file, cyclonedx.BOMFileFormatJSON).SetPretty(true).Encode(bom)
}

// billOf lists the programs, each with the modules that are in it.
func billOf(programs []string) (*cyclonedx.BOM, error) {
	components := map[string]cyclonedx.Component{}
	var dependencies []cyclonedx.Dependency
	for _, program := range programs {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(program)
		components[name] = cyclonedx.Component{BOMRef: name, Type: cyclonedx.ComponentTypeApplication, Name: name, Version: info.Main.Version}
		in := []string{add(components, "std", strings.TrimPrefix(info.GoVersion, "go"))}
		for _, module := range info.Deps {
			module = last(module)
			in = append(in, add(components, module.Path, module.Version))
		}
		slices.Sort(in)
		dependencies = append(dependencies, cyclonedx.Dependency{Ref: name, Dependencies: &in})
	}
	bom := cyclonedx.NewBOM()
	list := slices.Collect(maps.Values(components))
	slices.SortFunc(list, func(a, b cyclonedx.Component) int { return strings.Compare(a.BOMRef, b.BOMRef) })
	bom.Components, bom.Dependencies = &list, &dependencies
	return bom, nil
}

// last is what stands in a module's place.
func last(module *debug.Module) *debug.Module {
	for module.Replace != nil {
		module = module.Replace
	}
	return module
}

// add lists a module once, and returns what it is referred to by.
func add(components map[string]cyclonedx.Component, path, version string) string {
	purl := "pkg:golang/" + path + "@" + version
	components[purl] = cyclonedx.Component{BOMRef: purl, Type: cyclonedx.ComponentTypeLibrary, Name: path, Version: version, PackageURL: purl}
	return purl
}
