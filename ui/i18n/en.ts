<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en_US">
<context>
    <name>StylePanel</name>
    <message numerus="yes">
        <source>%n rating(s) have not been learned from yet.</source>
        <translation>
            <numerusform>%n rating has not been learned from yet.</numerusform>
            <numerusform>%n ratings have not been learned from yet.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>_Words</name>
    <message numerus="yes">
        <source>%n rating(s) so far.</source>
        <translation>
            <numerusform>%n rating so far.</numerusform>
            <numerusform>%n ratings so far.</numerusform>
        </translation>
    </message>
</context>
</TS>
