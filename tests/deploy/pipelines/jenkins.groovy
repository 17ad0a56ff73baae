// Stands in for a Jenkins, whose own check (declarative-linter) and builds would be used where there is one: runs a
// Jenkinsfile with nothing behind it, once for each scenario in the JSON on standard input, and prints what it did.
//
// A section, condition, step or argument by another name is refused, as Jenkins does. Printed are the steps, each with
// its stage, agent and what the credentials set.
import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.codehaus.groovy.control.CompilerConfiguration

class Section extends GroovyObjectSupport {
    // Those that are in use, as the plugin pipeline-model-definition has them.
    static final Map<String, String> NAMES = [
        pipeline: 'agent environment options parameters post stages triggers',
        stage: 'agent environment input options parallel post stages steps when', stages: 'stage', parallel: 'stage',
        post: 'always fixed success unsuccessful', input: 'message ok submitter submitterParameter', agent: 'label',
        when: 'anyOf beforeAgent beforeInput branch buildingTag changeset equalTo expression not triggeredBy',
        options: 'buildDiscarder disableConcurrentBuilds logRotator skipStagesAfterUnstable timeout timestamps',
        parameters: 'booleanParam choice string', triggers: 'cron', environment: '',
    ]
    String kind
    Map outside
    List<Map> parts = []
    Map values = [:]

    Object methodMissing(String name, Object given) {
        String family = kind in ['anyOf', 'not'] ? 'when' : kind
        if (!(name in NAMES[family].split(' '))) { throw new IllegalArgumentException("${kind} has no ${name}") }
        if (kind in ['pipeline', 'stage'] && parts.any { it.name == name }) {
            throw new IllegalArgumentException("${kind} has ${name} twice")
        }
        Map part = [name: name, args: given.findAll { !(it instanceof Closure) }, body: given.find { it instanceof Closure }]
        parts << part
        // What is done, and when, is not read but run.
        if (part.body && !(name == 'steps' || name == 'expression' || kind == 'post')) {
            part.inside = Section.of(name, part.body, outside)
        }
        return null
    }
    Object propertyMissing(String name) { outside.containsKey(name) ? outside[name] : name }
    void propertyMissing(String name, Object value) { values[name] = value }

    static Section of(String kind, Closure body, Map outside) {
        Section section = new Section(kind: kind, outside: outside)
        Closure reading = body.rehydrate(section, section, section)
        reading.resolveStrategy = Closure.DELEGATE_ONLY
        reading.call()
        if (kind == 'stage' && section.parts.count { it.name in ['parallel', 'stages', 'steps'] } != 1) {
            throw new IllegalArgumentException('a stage needs exactly one of parallel, stages, steps')
        }
        return section
    }
    Map part(String name) { parts.find { it.name == name } }
}

abstract class Jenkins extends Script {
    // What each step may be told by name.
    static final Map<String, List<String>> STEPS = [
        archiveArtifacts: ['allowEmptyArchive', 'artifacts', 'fingerprint'], echo: [], unstash: [],
        junit: ['allowEmptyResults', 'testResults'], mail: ['body', 'subject', 'to'],
        slackSend: ['channel', 'color', 'message'], stash: ['includes', 'name'],
    ]
    Map told
    List<Map> done = []
    List<String> credentials = []
    String stage = '', agent = 'none'
    boolean failed = false

    void pipeline(Closure body) {
        Section whole = Section.of('pipeline', body, binding.variables)
        stages(whole.part('stages').inside)
        post(whole)
        told = [done: done, failed: failed,
            parameters: whole.part('parameters').inside.parts.collect { [kind: it.name] + it.args[0] }]
    }
    void stages(Section all) { all.parts.each { run(it.args[0], it.inside) } }
    void run(String name, Section it) {
        if (failed || it.part('when') && !it.part('when').inside.parts.every { condition(it) }) { return }
        List before = [stage, agent]
        stage = name
        if (it.part('agent')) { agent = it.part('agent').inside.parts[0].args[0] }
        if (it.part('input')) { note('input', it.part('input').inside.parts.collectEntries { [it.name, it.args[0]] }) }
        boolean limited = it.part('options')?.inside?.part('timeout')
        if ((it.part('agent') || it.part('input')) && !limited) { throw new IllegalStateException("${name} may run for ever") }
        if (it.part('steps')) { attempt(it.part('steps').body) } else { stages((it.part('stages') ?: it.part('parallel')).inside) }
        it.part('environment')?.inside?.values?.each { key, value -> note('set', [(key): value]) }
        post(it)
        (stage, agent) = before
    }
    void post(Section it) {
        it.part('post')?.inside?.parts?.each {
            List now = ['always', failed ? 'unsuccessful' : scenario.fixed ? 'fixed' : 'success']
            if (it.name in now) { attempt(it.body) }
        }
    }
    boolean condition(Map it) {
        List within = it.inside?.parts
        switch (it.name) {
            case ['beforeAgent', 'beforeInput']: return true
            case 'not': return !condition(within[0])
            case 'anyOf': return within.any { condition(it) }
            case 'branch': return scenario.branch == it.args[0]
            case 'buildingTag': return scenario.tag
            case 'changeset': return scenario.changed?.startsWith(it.args[0] - '**')
            case 'triggeredBy': return scenario.timer
            case 'equalTo': return it.args[0].expected == it.args[0].actual
            case 'expression': return it.body.rehydrate(this, this, this).call()
        }
    }
    void attempt(Closure body) {
        try { call(body) } catch (IllegalStateException broken) { failed = true }
    }
    void call(Closure body) { body.rehydrate(this, this, this).call() }
    void note(String kind, Object what) {
        done << [kind: kind, what: what, stage: stage, agent: agent, credentials: credentials.clone()]
    }
    void sh(String command) {
        note('sh', command)
        if (command.startsWith(scenario.fails ?: '-')) { throw new IllegalStateException(command) }
    }
    void error(String message) { note('error', message); throw new IllegalStateException(message) }
    void withEnv(List<String> variables, Closure body) { variables.each { note('env', it) }; body() }
    void catchError(Map given, Closure body) {
        if (given.keySet() != ['message', 'buildResult', 'stageResult'] as Set) { throw new IllegalArgumentException("${given}") }
        body()
    }
    void withCredentials(List<Map> wanted, Closure body) {
        wanted.each {
            if (!(it.id in scenario.credentials)) { throw binding.getVariable('notFound').newInstance(it.id) }
        }
        credentials.addAll(wanted*.variables.flatten())
        try { body() } finally { credentials.removeAll(wanted*.variables.flatten()) }
    }
    Map file(Map it) { [id: it.credentialsId as String, variables: [it.variable]] }
    Map string(Map it) { file(it) }
    Map usernamePassword(Map it) { [id: it.credentialsId, variables: [it.usernameVariable, it.passwordVariable]] }
    Object methodMissing(String name, Object given) {
        if (!STEPS.containsKey(name)) { throw new IllegalArgumentException("${name} is not among the steps") }
        Map named = given[0] instanceof Map ? given[0] : [:]
        Set unknown = named.keySet() - STEPS[name]
        if (unknown) { throw new IllegalArgumentException("${name} has no ${unknown.join(', ')}") }
        note(name, named ?: given[0])
    }
    Map getScenario() { binding.getVariable('scenario') }
}

CompilerConfiguration configuration = new CompilerConfiguration(scriptBaseClass: Jenkins.name)
GroovyClassLoader loader = new GroovyClassLoader(Jenkins.classLoader, configuration)
Class notFound = loader.parseClass('package org.jenkinsci.plugins.credentialsbinding.impl\n' +
    'class CredentialNotFoundException extends IOException { CredentialNotFoundException(String id) { super(id) } }')
Map<String, Class> files = [:]
Map env = [JOB_NAME: 'rates', BUILD_DISPLAY_NAME: '#1', BUILD_URL: 'https://jenkins.example.org/1',
    NOTIFY_MAIL: 'team@example.org', NOTIFY_SLACK: '#rates']
println JsonOutput.toJson(new JsonSlurper().parseText(System.in.text).collect { scenario ->
    Map known = [scenario: scenario, notFound: notFound, params: scenario.params, env: env, APPROVED_BY: 'somebody']
    try {
        Class parsed = files.computeIfAbsent(scenario.file) {
            // Here every closure has an equals of its own.
            loader.parseClass(new File(it).text.replace('equals expected:', 'equalTo expected:'), 'Jenkinsfile')
        }
        Jenkins build = parsed.getDeclaredConstructor().newInstance()
        build.binding = new Binding(known)
        build.run()
        return build.told
    } catch (Exception refusal) {
        return [refused: "${refusal.message}"]
    }
})
