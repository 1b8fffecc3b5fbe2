// Digital Bazaar's verifier of credentials, offline: `node digitalbazaar_judge.mjs FOLDER`.

import {createVerifyCryptosuite} from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {contexts} from '@digitalbazaar/credentials-context';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {createRequire} from 'node:module';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {verifyCredential} from '@digitalbazaar/vc';

const {version} = createRequire(import.meta.url)('./package-lock.json').packages['node_modules/@digitalbazaar/vc'];
const name = `@digitalbazaar/vc ${version}`;
const folder = process.argv[2];
const didDocument = read(join(folder, 'did.json'));

function read(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

// Contexts from the package that ships them, the issuer from its DID document, and nothing from anywhere else.
async function documentLoader(url) {
  const document = contexts.get(url) ?? issuerDocument(url);
  if(!document) {
    throw new Error(`${url} is not at hand`);
  }
  return {contextUrl: null, documentUrl: url, document};
}

function issuerDocument(url) {
  return url === didDocument.id ?
    didDocument : didDocument.verificationMethod.find(method => method.id === url);
}

async function refusal(credential) {
  const suite = new DataIntegrityProof({cryptosuite: createVerifyCryptosuite()});
  const {verified, error} = await verifyCredential({credential, suite, documentLoader});
  if(verified) {
    return null;
  }
  return (error?.errors ?? [error]).map(one => one?.message ?? String(one)).join('; ');
}

function documents(kind) {
  const files = readdirSync(join(folder, kind)).sort();
  if(files.length === 0) {
    throw new Error(`${kind} is empty: nothing to judge`);
  }
  return files.map(file => [file, read(join(folder, kind, file))]);
}

const [records, tampered] = [documents('records'), documents('tampered')];
const faults = [];
for(const [file, record] of records) {
  const why = await refusal(record);
  if(why !== null) {
    faults.push(`${file} was refused: ${why}`);
  }
}
for(const [file, record] of tampered) {
  if(await refusal(record) === null) {
    faults.push(`${file}, which was tampered with, was taken`);
  }
}

for(const fault of faults) {
  console.log(`  ${name}: ${fault}`);
}
console.log(faults.length > 0 ?
  `FAILED ${name}: ${faults.length} faults` :
  `passed ${name}: ${records.length} records taken, ${tampered.length} tampered copies refused`);
process.exitCode = faults.length > 0 ? 1 : 0;
