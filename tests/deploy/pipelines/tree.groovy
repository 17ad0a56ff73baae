// Prints the tree of a Jenkinsfile as JSON, as Groovy's own compiler reads it, for jenkinsfile.py.
//
// A call is {call, line, args, named, block}; a text is a string, one with variables in it is {text}; of
// anything else there is what it says, {code}.
import groovy.json.JsonOutput
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.ast.stmt.*
import org.codehaus.groovy.control.*

Object expression(Expression it) {
    switch (it) {
        case MethodCallExpression:
            return call(it)
        case GStringExpression:
            return [text: it.text]
        case ConstantExpression:
            return it.value
        case ListExpression:
            return it.expressions.collect { expression(it) }
        case MapExpression:
            return it.mapEntryExpressions.collectEntries {
                [it.keyExpression.text, expression(it.valueExpression)]
            }
        case ClosureExpression:
            return [closure: statements(it.code)]
        case DeclarationExpression:
        case BinaryExpression:
            return [left: it.leftExpression.text, right: expression(it.rightExpression), line: it.lineNumber]
        default:
            return [code: it.text]
    }
}

Map call(MethodCallExpression it) {
    List<Expression> given = it.arguments instanceof TupleExpression ? it.arguments.expressions : [it.arguments]
    Map found = [call: it.methodAsString, line: it.lineNumber, args: [], named: [:]]
    if (!it.implicitThis) {
        found.on = it.objectExpression.text
    }
    given.each {
        if (it instanceof ClosureExpression) {
            found.block = statements(it.code)
        } else if (it instanceof MapExpression) {
            found.named += expression(it)
        } else {
            found.args << expression(it)
        }
    }
    return found
}

Object statement(Statement it) {
    switch (it) {
        case ExpressionStatement:
        case ReturnStatement:
            return expression(it.expression)
        case IfStatement:
            return [if: it.booleanExpression.text, block: statements(it.ifBlock)]
        default:
            return [code: it.text]
    }
}

List statements(Statement it) {
    return it instanceof BlockStatement ? it.statements.collect { statement(it) } : [statement(it)]
}

CompilationUnit unit = new CompilationUnit()
unit.addSource(new File(args[0]))
unit.compile(Phases.CONVERSION)
def module = unit.AST.modules[0]
println JsonOutput.toJson([
    top: statements(module.statementBlock),
    methods: module.methods.collectEntries { [it.name, statements(it.code)] },
])
