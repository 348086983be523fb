// What MITRE's converters, those of Heimdall and the SAF tools, find in CKL, XCCDF and HDF.
//
//     node mitre.mjs MODULES FILE…
//
// MODULES is a node_modules directory. Every file becomes HDF first, is read back by inspecjs, which refuses what is
// not of its schema, and is counted as Heimdall shows it. Prints one JSON object: by file its counts by status, its
// controls, and the CKL that MITRE makes of it; or the error.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, join, resolve } from 'node:path'

const [modules, ...files] = process.argv.slice(2)
const require = createRequire(join(resolve(modules), 'anchor.js'))
const { ChecklistResults, XCCDFResultsMapper } = require('@mitre/hdf-converters')
const { convertFile, contextualizeEvaluation } = require('inspecjs')

const asHdf = {
  '.ckl': (text) => JSON.stringify(new ChecklistResults(text).toHdf()),
  '.xml': (text) => JSON.stringify(new XCCDFResultsMapper(text).toHdf()),
  '.json': (text) => text
}

function read (file) {
  const hdf = asHdf[extname(file)](readFileSync(file, 'utf8'))
  const parsed = convertFile(hdf, true)
  if (!parsed['1_0_ExecJson']) throw parsed.errors?.['1_0_ExecJson'] ?? new Error('not exec JSON')
  const controls = contextualizeEvaluation(parsed['1_0_ExecJson']).contains.flatMap((profile) => profile.contains)
  const counts = {}
  for (const { hdf } of controls) counts[hdf.status] = (counts[hdf.status] ?? 0) + 1
  return {
    counts,
    controls: controls.map(({ data, hdf }) => ({
      id: data.id,
      status: hdf.status,
      severity: hdf.severity,
      nist: hdf.canonized_nist({}),
      results: data.results.map((result) => result.status)
    })),
    ckl: new ChecklistResults(JSON.parse(hdf)).toCkl()
  }
}

const results = {}
for (const file of files) {
  try {
    results[file] = read(file)
  } catch (fault) {
    results[file] = { error: String(fault) }
  }
}
process.stdout.write(JSON.stringify(results))
