// Stands in for a Jenkins, whose own check (declarative-linter) and builds would be used where there is one: runs a
// Jenkinsfile with nothing behind it, once for each scenario, a line of JSON on standard input, and prints what it did.
//
// A section, condition, step or argument by another name is refused, as Jenkins does. Printed are the steps, each with
// its agent and what the credentials set.
import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import java.nio.file.FileSystems
import java.nio.file.Path
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
        assert name in NAMES[kind in ['anyOf', 'not'] ? 'when' : kind].split(' ') : "${kind} has no ${name}"
        assert !(kind in ['pipeline', 'stage'] && part(name)) : "${kind} has ${name} twice"
        Closure body = given.find { it instanceof Closure }
        // What is done, and when, is not read but run.
        boolean read = body && !(name in ['steps', 'expression'] || kind == 'post')
        parts << [name: name, value: given ? given[0] : null, body: body, inside: read ? of(name, body, outside) : null]
        return null
    }
    Object propertyMissing(String name) { outside.containsKey(name) ? outside[name] : name }
    void propertyMissing(String name, Object value) { values[name] = value }

    static Section of(String kind, Closure body, Map outside) {
        Section section = new Section(kind: kind, outside: outside)
        Closure reading = body.rehydrate(section, section, section)
        reading.resolveStrategy = Closure.DELEGATE_ONLY
        reading.call()
        assert kind != 'stage' || section.parts.count { it.name in ['parallel', 'stages', 'steps'] } == 1 :
            'a stage needs exactly one of parallel, stages, steps'
        return section
    }
    Map part(String name) { parts.find { it.name == name } }
    Section inside(String name) { part(name)?.inside }
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
    String agent = 'none'
    boolean failed = false

    void pipeline(Closure body) {
        Section whole = Section.of('pipeline', body, binding.variables)
        whole.inside('stages').parts.each { run(it.value, it.inside) }
        post(whole)
        List parameters = whole.inside('parameters').parts.collect { [kind: it.name] + it.value }
        told = [done: done, failed: failed, parameters: parameters]
    }
    void run(String name, Section it) {
        if (failed || it.inside('when')?.parts?.any { !condition(it) }) { return }
        String before = agent
        agent = it.inside('agent')?.part('label')?.value ?: agent
        if (it.part('input')) { note('input', it.inside('input').parts.collectEntries { [it.name, it.value] }) }
        boolean waits = it.part('agent') || it.part('input')
        assert !waits || it.inside('options')?.part('timeout') : "${name} may run for ever"
        if (it.part('steps')) { attempt(it.part('steps').body) }
        (it.inside('stages') ?: it.inside('parallel'))?.parts?.each { run(it.value, it.inside) }
        it.inside('environment')?.values?.each { key, value -> note('set', [(key): value]) }
        post(it)
        agent = before
    }
    void post(Section it) {
        List now = ['always', failed ? 'unsuccessful' : scenario.fixed ? 'fixed' : 'success']
        it.inside('post')?.parts?.each { if (it.name in now) { attempt(it.body) } }
    }
    boolean condition(Map it) {
        switch (it.name) {
            case ['beforeAgent', 'beforeInput']: return true
            case 'not': return !condition(it.inside.parts[0])
            case 'anyOf': return it.inside.parts.any { condition(it) }
            case 'branch': return scenario.branch == it.value
            case 'buildingTag': return scenario.tag
            case 'changeset': return scenario.changed && FileSystems.default.getPathMatcher("glob:$it.value")
                .matches(Path.of(scenario.changed))
            case 'triggeredBy': return scenario.timer
            case 'equalTo': return it.value.expected == it.value.actual
            case 'expression': return it.body.rehydrate(this, this, this).call()
        }
    }
    void attempt(Closure body) {
        try { body.rehydrate(this, this, this).call() } catch (IllegalStateException broken) { failed = true }
    }
    void note(String kind, Object what) {
        done << [kind: kind, what: what, agent: agent, credentials: credentials.clone()]
    }
    void sh(String command) {
        note('sh', command)
        if (command.startsWith(scenario.fails ?: '-')) { throw new IllegalStateException(command) }
    }
    void error(String message) { throw new IllegalStateException(message) }
    void withEnv(List<String> variables, Closure body) { variables.each { note('env', it) }; body() }
    void catchError(Map given, Closure body) {
        assert given.keySet() == ['message', 'buildResult', 'stageResult'] as Set
        body()
    }
    void withCredentials(List<Map> wanted, Closure body) {
        Map away = wanted.find { !(it.id in scenario.credentials) }
        if (away) { throw binding.getVariable('notFound').newInstance(away.id) }
        credentials.addAll(wanted*.variables.flatten())
        try { body() } finally { credentials.removeAll(wanted*.variables.flatten()) }
    }
    Map file(Map it) { [id: it.credentialsId as String, variables: [it.variable]] }
    Map string(Map it) { file(it) }
    Map usernamePassword(Map it) { [id: it.credentialsId, variables: [it.usernameVariable, it.passwordVariable]] }
    Object methodMissing(String name, Object given) {
        assert STEPS.containsKey(name) : "${name} is not among the steps"
        Map named = given[0] instanceof Map ? given[0] : [:]
        Set unknown = named.keySet() - STEPS[name]
        assert !unknown : "${name} has no ${unknown.join(', ')}"
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
System.in.eachLine { line ->
    Map scenario = new JsonSlurper().parseText(line)
    Map told
    try {
        Class parsed = files.computeIfAbsent(scenario.file) {
            // Here every closure has an equals of its own.
            loader.parseClass(new File(it).text.replace('equals expected:', 'equalTo expected:'), 'Jenkinsfile')
        }
        Jenkins build = parsed.getDeclaredConstructor().newInstance()
        build.binding = new Binding(
            scenario: scenario, notFound: notFound, params: scenario.params, env: env, APPROVED_BY: 'somebody')
        build.run()
        told = build.told
    } catch (Exception | AssertionError refusal) {
        told = [refused: "${refusal.message}"]
    }
    println JsonOutput.toJson(told)
}
